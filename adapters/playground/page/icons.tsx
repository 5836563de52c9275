import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const SendIcon = () => (
  <Icon>
    <path d="M10 16V4M4.8 9.2 10 4l5.2 5.2" />
  </Icon>
);
export const AttachIcon = () => (
  <Icon>
    <rect x="2.8" y="3.8" width="14.4" height="12.4" rx="2" />
    <path d="m3 14 4-4.2 3.2 3.2 2.3-2.2 4.5 4" />
    <circle cx="12.9" cy="7.4" r="1.1" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="m5 5 10 10M15 5 5 15" />
  </Icon>
);
export const PreviousIcon = () => (
  <Icon>
    <path d="m12.5 4-6 6 6 6" />
  </Icon>
);
export const NextIcon = () => (
  <Icon>
    <path d="m7.5 4 6 6-6 6" />
  </Icon>
);
export const PencilIcon = () => (
  <Icon>
    <path d="m4 16 .8-3.4L13 4.4a1.4 1.4 0 0 1 2 0l.6.6a1.4 1.4 0 0 1 0 2L7.4 15.2z" />
  </Icon>
);
export const LockIcon = () => (
  <Icon>
    <rect x="4.5" y="9" width="11" height="7.5" rx="1.6" />
    <path d="M7 9V6.6a3 3 0 0 1 6 0V9" />
  </Icon>
);
export const DownIcon = () => (
  <Icon>
    <path d="M10 4v12M4.8 10.8 10 16l5.2-5.2" />
  </Icon>
);
export const OpenIcon = () => (
  <Icon>
    <path d="M8 5H5.5A1.5 1.5 0 0 0 4 6.5v8A1.5 1.5 0 0 0 5.5 16h8a1.5 1.5 0 0 0 1.5-1.5V12M11 4h5v5M16 4l-7 7" />
  </Icon>
);
export const EyeIcon = () => (
  <Icon>
    <path d="M2 10s3-5.2 8-5.2 8 5.2 8 5.2-3 5.2-8 5.2S2 10 2 10z" />
    <circle cx="10" cy="10" r="2.4" />
  </Icon>
);
export const FilmIcon = () => (
  <Icon>
    <rect x="2.8" y="4.3" width="14.4" height="11.4" rx="1.8" />
    <path d="m8.4 7.6 4 2.4-4 2.4z" />
  </Icon>
);
export const PlayIcon = () => (
  <Icon>
    <path d="m6.5 4.5 8.5 5.5-8.5 5.5z" />
  </Icon>
);
