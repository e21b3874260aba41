/** The chat page. Everything a bot or a person wrote is put in as text, never as markup. */

const byId = (id) => document.getElementById(id);
const list = byId("messages");
const popup = byId("popup");
const menu = byId("menu");

let people = [];
let bots = [];
let place = { bot: "", person: 0 };
let commands = [];
let stream;
let popupTimer;

/** Control and bidirectional characters would draw over what stands beside them. */
const visible = (text) =>
  text.replace(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function button(label, onClick, className) {
  const made = element("button", className, visible(label));
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

async function post(doing, body) {
  const response = await fetch(`/chat/${doing}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...place, ...body }),
  });
  if (!response.ok) showPopup("The button is not there any more.");
}

const say = (text) => post("say", { text });

function avatar(of, shade) {
  const made = element("span", `avatar shade-${shade}`, [...of.first_name][0] ?? "?");
  made.setAttribute("aria-hidden", "true");
  return made;
}

const nameOf = (of) => visible([of.first_name, of.last_name].filter(Boolean).join(" "));

function showPeople() {
  byId("people").replaceChildren(
    ...people.map((person, index) => {
      const label = element("span", "", nameOf(person), element("small", "", person.language_code ?? ""));
      const choose = element("button", "", avatar(person, index % 4), label);
      choose.type = "button";
      choose.setAttribute("aria-current", String(person.id === place.person));
      choose.addEventListener("click", () => enter({ ...place, person: person.id }));
      return element("li", "", choose);
    }),
  );
}

/** The text with its commands as buttons: pressing one sends it. */
function textOf(message) {
  const text = message.text ?? message.caption ?? `📄 ${message.document?.file_name ?? ""}`;
  const parts = text.split(/(?<=^|\s)(\/[A-Za-z0-9_]{1,32})(?=$|[\s.,;:!?)])/);
  return parts.map((part, index) =>
    index % 2 === 1 && message.from.is_bot ? button(part, () => say(part), "command") : visible(part),
  );
}

function bubbleOf(message) {
  const time = element("time", "", new Date(message.date * 1000).toTimeString().slice(0, 5));
  const edited = message.edit_date && message.text !== undefined ? "edited " : "";
  time.prepend(edited);
  return element("div", "bubble", ...textOf(message), time);
}

function buttonsOf(message) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  return element(
    "div",
    "buttons",
    ...rows.map((row, rowIndex) =>
      element("div", "row", ...row.map((each, column) => inlineButton(message, each, rowIndex, column))),
    ),
  );
}

function inlineButton(message, { text, url }, row, column) {
  if (url === undefined) return button(text, () => post("press", { message: message.message_id, row, column }));
  const link = button(text, () => showPopup(url));
  link.title = visible(url);
  return link;
}

function itemOf(message) {
  const item = element("li", message.from.is_bot ? "" : "mine", bubbleOf(message));
  item.id = `message-${message.message_id}`;
  item.dir = "auto";
  if (message.reply_markup) item.append(buttonsOf(message));
  return item;
}

function showMessage(message) {
  list.querySelector(".empty")?.remove();
  const shown = byId(`message-${message.message_id}`);
  const item = itemOf(message);
  if (shown) shown.replaceWith(item);
  else list.append(item);
  if (!shown) list.scrollTop = list.scrollHeight;
}

function showKeyboard(rows) {
  const keyboard = byId("keyboard");
  keyboard.hidden = rows.length === 0;
  keyboard.replaceChildren(
    ...rows.map((row) => element("div", "row", ...row.map((label) => button(label, () => say(label))))),
  );
}

function showMenu() {
  byId("menu-button").hidden = commands.length === 0;
  menu.replaceChildren(
    ...commands.map(({ command, description }) => {
      const choose = button(`/${command}`, () => {
        toggleMenu(false);
        void say(`/${command}`);
      });
      choose.append(element("span", "", visible(description)));
      return element("li", "", choose);
    }),
  );
}

function toggleMenu(open) {
  menu.hidden = !open;
  byId("menu-button").setAttribute("aria-expanded", String(open));
}

function showPopup(text) {
  popup.textContent = visible(text);
  popup.hidden = false;
  clearTimeout(popupTimer);
  popupTimer = setTimeout(() => (popup.hidden = true), 4000);
}

function showAlert(text) {
  byId("alert-text").textContent = visible(text);
  byId("alert").showModal();
}

function take(event) {
  if (event.kind === "sent" || event.kind === "edited") showMessage(event.message);
  if (event.kind === "deleted") byId(`message-${event.message_id}`)?.remove();
  if (event.kind === "answered" && event.text) (event.alert ? showAlert : showPopup)(event.text);
  if (event.kind === "keyboard") showKeyboard(event.rows);
  if (event.kind === "commands") void load();
}

const addressOf = (what) => `/chat/${what}?${new URLSearchParams({ bot: place.bot, person: place.person })}`;

async function load() {
  const state = await (await fetch(addressOf("state"))).json();
  commands = state.commands;
  showMenu();
  showKeyboard(state.keyboard);
  list.replaceChildren(...state.messages.map(itemOf));
  if (state.messages.length === 0) {
    list.append(
      element(
        "li",
        "empty",
        button("Start", () => say("/start"), "start"),
        element("p", "", "Nothing said yet."),
      ),
    );
  }
  list.scrollTop = list.scrollHeight;
}

function enter(next) {
  place = next;
  const bot = bots.find(({ username }) => username === place.bot);
  byId("bot-name").textContent = nameOf(bot);
  byId("bot-avatar").textContent = [...bot.first_name][0];
  history.replaceState(null, "", `#${place.bot}/${place.person}`);
  showPeople();
  stream?.close();
  stream = new EventSource(addressOf("events"));
  // What was missed while the line was down is read again.
  stream.addEventListener("ready", () => void load());
  stream.addEventListener("message", ({ data }) => take(JSON.parse(data)));
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = byId("text");
  if (field.value.trim() !== "") void say(field.value);
  field.value = "";
});
byId("menu-button").addEventListener("click", () => toggleMenu(menu.hidden));
byId("alert-close").addEventListener("click", () => byId("alert").close());
byId("bots").addEventListener("change", ({ target }) => enter({ ...place, bot: target.value }));

({ people, bots } = await (await fetch("/chat/people")).json());
byId("bot-choice").hidden = bots.length < 2;
byId("bots").append(...bots.map((bot) => new Option(nameOf(bot), bot.username)));
const [, botName, personId] = /^#(.+)\/(\d+)$/.exec(location.hash) ?? [];
enter({
  bot: bots.some(({ username }) => username === botName) ? botName : bots[0].username,
  person: people.some(({ id }) => id === Number(personId)) ? Number(personId) : people[0].id,
});
byId("bots").value = place.bot;
