// Browser code of every page. Pages work without it; nothing here is needed to finish a task.
// No inline scripts, no eval: the content security policy allows only files from this place.

import {
  Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload, PasswordInput, Radios, SkipLink, createAll,
} from "./govuk.min.js";

const root = document.documentElement;
const DAY = 24 * 60 * 60;

// --- Vendor components, with Chinese words ---------------------------------------------------------------------------
const COUNT = {
  charactersUnderLimit: { other: "还能写 %{count} 个字" },
  charactersAtLimit: "正好写满",
  charactersOverLimit: { other: "多写了 %{count} 个字" },
  wordsUnderLimit: { other: "还能写 %{count} 个词" },
  wordsAtLimit: "正好写满",
  wordsOverLimit: { other: "多写了 %{count} 个词" },
  textareaDescription: { other: "最多 %{count} 个字" },
};
const FILE = {
  chooseFilesButton: "选文件",
  dropInstruction: "或拖到这里",
  noFileChosen: "还没选文件",
  multipleFilesChosen: { other: "选了 %{count} 个文件" },
  enteredDropZone: "松手就放进来",
  leftDropZone: "已离开放文件的地方",
};
const PASSWORD = {
  showPassword: "显示", hidePassword: "隐藏", showPasswordAriaLabel: "显示密码", hidePasswordAriaLabel: "隐藏密码",
  passwordShownAnnouncement: "密码显示着", passwordHiddenAnnouncement: "密码已隐藏",
};

function startComponents(scope) {
  const quiet = { scope, onError: () => {} };
  for (const component of [Button, Checkboxes, Radios]) createAll(component, {}, quiet);
  createAll(CharacterCount, { i18n: COUNT }, quiet);
  createAll(FileUpload, { i18n: FILE }, quiet);
  createAll(PasswordInput, { i18n: PASSWORD }, quiet);
  createAll(ErrorSummary, {}, quiet);
  if (scope === document) createAll(SkipLink, {}, quiet);
  for (const button of all(scope, "[data-list], [data-print]")) button.hidden = false;
  for (const field of all(scope, "[data-select]")) field.select();
  for (const button of all(scope, "[data-goes-on]")) button.form.requestSubmit(button);
  startSignatures(scope);
}

async function startSignatures(scope) {
  const pads = all(scope, "[data-signature]:not([data-started])");
  if (!pads.length) return;
  const { startSignature } = await import("./signature.js");
  for (const pad of pads) if (!pad.dataset.started) startSignature(pad);
}

function all(scope, selector) {
  const found = [...scope.querySelectorAll(selector)];
  return scope.matches?.(selector) ? [scope, ...found] : found;
}

// --- Announcements for screen readers --------------------------------------------------------------------------------
function announce(words) {
  const place = document.getElementById("lb-announce");
  if (place) place.textContent = words;
}

// --- 大字版: a form that posts; here it acts at once and keeps the page ---------------------------------------------------
function toggleLarge(event) {
  const form = event.target.closest("form[data-large]");
  if (!form) return;
  event.preventDefault();
  const on = root.classList.toggle("lb-large");
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `lb-large=${on ? 1 : 0};path=/;max-age=${on ? 365 * DAY : 0};samesite=lax${secure}`;
  for (const button of document.querySelectorAll("form[data-large] button")) {
    button.setAttribute("aria-pressed", on);
    button.value = on ? "0" : "1";
  }
  announce(on ? "已换成大字版" : "已换回标准字号");
}

// --- Map or list; print ----------------------------------------------------------------------------------------------
function click(event) {
  const list = event.target.closest("[data-list]");
  if (list) {
    const on = list.closest(".lb-metro").classList.toggle("is-list");
    list.setAttribute("aria-pressed", on);
  }
  if (event.target.closest("[data-print]")) window.print();
}

// --- Keys: data-key="F8" presses the element, "/" goes to [data-find] ------------------------------------------------------
function key(event) {
  const writing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (writing && event.key.length === 1) return;
  const wanted = event.key === "/" ? document.querySelector("[data-find]") : null;
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (wanted) wanted.focus();
  else if (pressed && !pressed.disabled) pressed.click();
  else return;
  event.preventDefault();
}

// --- Autosave: <form data-autosave="/address/"> with an element [data-autosave-status] ---------------------------------------
const WAIT = 1500;
const RETRY = 15000;
const saving = new WeakMap();

function edited(event) {
  const form = event.target.closest("form[data-autosave]");
  if (!form || event.target.type === "file") return;
  form.dataset.unsaved = "1";
  later(form, WAIT);
}

function later(form, delay) {
  clearTimeout(saving.get(form));
  saving.set(form, setTimeout(() => save(form), delay));
}

async function save(form) {
  const fields = new FormData(form);
  for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
  delete form.dataset.unsaved;
  try {
    const answer = await fetch(form.dataset.autosave, {
      method: "POST", body: fields, redirect: "manual", headers: { "X-Autosave": "1" },
    });
    if (answer.ok) return tell(form, `已自动保存 ${clock()}`, false);
    form.dataset.unsaved = "1";
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      return tell(form, "登录过期了，没有存上。填的还在这页上：请另开一页登录，再回来点保存", true);
    }
    return tell(form, "这次没存上，请点保存看看哪里要改", true);
  } catch {
    form.dataset.unsaved = "1";
    later(form, RETRY);
    return tell(form, "网断了，暂时没存上，连上会再存", true);
  }
}

function tell(form, words, late) {
  const place = form.querySelector("[data-autosave-status]");
  if (!place) return;
  place.textContent = words;
  place.classList.toggle("is-late", late);
}

function clock() {
  return new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
}

function leaving(event) {
  if (document.querySelector("form[data-unsaved]")) event.preventDefault();
}

// --- htmx: a swapped card keeps focus, starts its components and says its heading ------------------------------------------
function swapped(event) {
  // A card that was swapped whole is not the target any more: the new one says so itself.
  const place = event.detail.target?.isConnected ? event.detail.target : event.target;
  if (!place?.isConnected) return;
  startComponents(place);
  const heading = place.querySelector("[data-announce], h1, h2, h3");
  if (heading) announce(heading.textContent.trim());
}

function failed(event) {
  const status = event.detail.xhr?.status;
  const words = status === 401 || status === 403
    ? "登录过期了或没有权限，请重新登录后再试"
    : status ? "没有成功，请再试一次" : "网断了，请连上后再试";
  announce(words);
  const place = document.querySelector("[data-htmx-error]");
  if (!place) return;
  place.querySelector("p").textContent = words;
  place.hidden = false;
}

function withToken(event) {
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  if (token) event.detail.headers["X-CSRFToken"] = token;
}

// --- Start -----------------------------------------------------------------------------------------------------------
document.body.classList.add("js-enabled", "govuk-frontend-supported");
startComponents(document);
document.addEventListener("submit", toggleLarge);
document.addEventListener("submit", (event) => { delete event.target.dataset.unsaved; });
document.addEventListener("click", click);
document.addEventListener("keydown", key);
document.addEventListener("input", edited);
document.addEventListener("change", edited);
window.addEventListener("beforeunload", leaving);
document.body.addEventListener("htmx:configRequest", withToken);
document.body.addEventListener("htmx:afterSettle", swapped);
document.body.addEventListener("htmx:responseError", failed);
document.body.addEventListener("htmx:sendError", failed);
