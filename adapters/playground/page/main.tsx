import { render } from "preact";
import { App } from "./app.tsx";
import { Preview, readPreview } from "./preview/preview.tsx";

const root = document.getElementById("page");
const preview = readPreview(location);
if (root !== null) render(preview === null ? <App /> : <Preview {...preview} />, root);
