import {
  ActionRowBuilder,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  type ChatInputCommandInteraction,
  Client,
  Events,
  FileUploadBuilder,
  GatewayIntentBits,
  type Interaction,
  LabelBuilder,
  MediaGalleryBuilder,
  MessageFlags,
  ModalBuilder,
  TextDisplayBuilder,
  TextInputBuilder,
  TextInputStyle,
} from "discord.js";
import type { DiscordProxy } from "../servers/discord-proxy.ts";
import { DISCORD_APP } from "../servers/discord-workspace.ts";

/** The commands of the small bot, as it registers them. */
export const SMALL_BOT_COMMANDS = [
  {
    name: "imagine",
    description: "Draw",
    options: [
      { type: 3, name: "prompt", description: "What to draw", required: true },
      {
        type: 3,
        name: "ratio",
        description: "Shape",
        choices: [
          { name: "1:1", value: "1:1" },
          { name: "16:9", value: "16:9" },
        ],
      },
      { type: 3, name: "style", description: "Style", autocomplete: true },
      { type: 4, name: "count", description: "How many", min_value: 1, max_value: 4 },
      { type: 10, name: "strength", description: "How much", min_value: 0, max_value: 1 },
      { type: 5, name: "private", description: "For you alone" },
      { type: 11, name: "image", description: "A picture" },
    ],
  },
  { name: "Restyle this picture", type: 3 },
];

export type SmallBot = Awaited<ReturnType<typeof startSmallBot>>;

/** A real discord.js client that does one of everything, to see what the proxy makes of it. */
export async function startSmallBot(proxy: DiscordProxy, picture: Buffer) {
  const heard: string[] = [];
  let deferAfterMs = 0;
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    rest: { api: proxy.apiUrl, version: "10", retries: 0 },
  });

  async function imagine(interaction: ChatInputCommandInteraction): Promise<void> {
    const prompt = interaction.options.getString("prompt", true);
    const isPrivate = interaction.options.getBoolean("private") === true;
    const image = interaction.options.getAttachment("image");
    heard.push(
      `imagine ${prompt} ${image === null ? "" : `${image.width}px ${image.size}`}`.trim(),
    );
    if (prompt === "dialog") {
      await interaction.showModal(dialog());
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, deferAfterMs));
    await interaction.deferReply(isPrivate ? { flags: MessageFlags.Ephemeral } : {});
    await interaction.editReply({
      flags: MessageFlags.IsComponentsV2,
      files: [new AttachmentBuilder(picture, { name: "fox.png", description: "a fox" })],
      components: [
        new TextDisplayBuilder().setContent(`**${prompt}**`),
        new MediaGalleryBuilder().addItems((item) =>
          item.setURL("attachment://fox.png").setDescription("a fox"),
        ),
        new ActionRowBuilder<ButtonBuilder>().addComponents(
          button("Again"),
          button("Whisper"),
          button("Form"),
        ),
      ],
    });
  }

  async function take(interaction: Interaction): Promise<unknown> {
    if (interaction.isChatInputCommand()) return imagine(interaction);
    if (interaction.isAutocomplete()) {
      const typed = interaction.options.getFocused();
      return interaction.respond([{ name: `${typed} oil`, value: "oil" }]);
    }
    if (interaction.isMessageContextMenuCommand()) {
      const { targetMessage } = interaction;
      heard.push(`on message of ${targetMessage.author.id}: ${targetMessage.attachments.size}`);
      await interaction.reply({ content: "seen", flags: MessageFlags.Ephemeral });
      return;
    }
    if (interaction.isButton()) {
      heard.push(`press ${interaction.customId}`);
      if (interaction.customId === "Form") return interaction.showModal(dialog());
      if (interaction.customId === "Whisper") {
        await interaction.reply({ content: "psst", flags: MessageFlags.Ephemeral });
        return;
      }
      await interaction.deferUpdate();
      await interaction.followUp("once more");
      return;
    }
    if (interaction.isModalSubmit()) {
      const prompt = interaction.fields.getTextInputValue("prompt");
      const files = interaction.fields.getUploadedFiles("picture");
      heard.push(`form ${prompt} with ${files?.map(({ name }) => name).join() ?? "nothing"}`);
      await interaction.reply(`form: ${prompt}`);
    }
  }

  client.on(Events.InteractionCreate, (interaction) => {
    take(interaction).catch((thrown: { code?: unknown }) => {
      heard.push(`refused ${String(thrown.code)}`);
    });
  });
  client.on(Events.Error, (error) => heard.push(`error ${error.message}`));
  await Promise.all([
    new Promise((resolve) => client.once(Events.ClientReady, resolve)),
    client.login(DISCORD_APP.botToken),
  ]);

  return {
    client,
    heard,
    deferAfter(ms: number) {
      deferAfterMs = ms;
    },
    stop: () => client.destroy(),
  };
}

function button(label: string): ButtonBuilder {
  return new ButtonBuilder().setLabel(label).setCustomId(label).setStyle(ButtonStyle.Secondary);
}

function dialog(): ModalBuilder {
  const prompt = new TextInputBuilder()
    .setCustomId("prompt")
    .setStyle(TextInputStyle.Paragraph)
    .setValue("a fox");
  const picture = new FileUploadBuilder().setCustomId("picture").setRequired(false).setMaxValues(2);
  return new ModalBuilder()
    .setCustomId("form")
    .setTitle("Picture")
    .addLabelComponents(
      new LabelBuilder().setLabel("Prompt").setTextInputComponent(prompt),
      new LabelBuilder().setLabel("Source").setFileUploadComponent(picture),
    );
}
