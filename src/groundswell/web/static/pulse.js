// The pulse in the browser: it hides a token before it has it signed, so that the server cannot know which answer is whose.
// RSABSSA-SHA384-PSS-Randomized of RFC 9474, over the browser's own big integers and SHA-384. The other side is
// groundswell/privacy/blind.py; tests/test_web_pulse_browser.py holds both to the published numbers and to each other.

const HASH = 48, PREFIX = 32, TOKEN = 32;

export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const toInt = (bytes) => BigInt("0x" + (hex(bytes) || "0"));
const toBytes = (number, length) => unhex(number.toString(16).padStart(2 * length, "0"));
const bits = (number) => number.toString(2).length;
const lengthOf = (n) => Math.ceil(bits(n) / 8);
const random = (length) => crypto.getRandomValues(new Uint8Array(length));
const sha384 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-384", bytes));

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}

function power(base, exponent, n) {
  let result = 1n;
  for (base %= n; exponent > 0n; exponent >>= 1n, base = (base * base) % n) {
    if (exponent & 1n) result = (result * base) % n;
  }
  return result;
}

// The inverse modulo n; null where there is none.
function inverse(number, n) {
  let [old, left, x, y] = [number % n, n, 1n, 0n];
  while (left) { const q = old / left; [old, left] = [left, old - q * left]; [x, y] = [y, x - q * y]; }
  return old === 1n ? ((x % n) + n) % n : null;
}

// MGF1 (RFC 8017, B.2.1).
async function mask(seed, length) {
  const blocks = [];
  for (let n = 0; n * HASH < length; n += 1) blocks.push(await sha384(join(seed, Uint8Array.of(n >> 24, n >> 16, n >> 8, n))));
  return join(...blocks).slice(0, length);
}

// EMSA-PSS-ENCODE (RFC 8017, 9.1.1).
async function encode(message, width, salt) {
  const length = Math.ceil(width / 8);
  const digest = await sha384(join(new Uint8Array(8), await sha384(message), salt));
  const block = join(new Uint8Array(length - salt.length - HASH - 2), Uint8Array.of(1), salt);
  const masked = (await mask(digest, block.length)).map((b, at) => b ^ block[at]);
  masked[0] &= 0xff >> (8 * length - width);
  return join(masked, digest, Uint8Array.of(0xbc));
}

// EMSA-PSS-VERIFY (RFC 8017, 9.1.2).
async function fits(message, width, encoded) {
  const digest = encoded.slice(-HASH - 1, -1), masked = encoded.slice(0, -HASH - 1);
  const block = (await mask(digest, masked.length)).map((b, at) => b ^ masked[at]);
  block[0] &= 0xff >> (8 * encoded.length - width);
  const again = await encode(message, width, block.slice(-HASH));
  return again.length === encoded.length && again.every((b, at) => b === encoded[at]);
}

export function prepare(message, prefix = random(PREFIX)) {
  return join(prefix, message);
}

export const newToken = () => prepare(random(TOKEN));

export async function blind(key, prepared, salt = random(HASH), factor = null) {
  const encoded = toInt(await encode(prepared, bits(key.n) - 1, salt));
  let back = factor && inverse(factor, key.n);
  while (!back) {  // a number below n at random, by throwing away what is too large
    factor = toInt(random(lengthOf(key.n)));
    back = factor > 0n && factor < key.n ? inverse(factor, key.n) : null;
  }
  const hidden = (encoded * power(factor, key.e, key.n)) % key.n;
  return { message: toBytes(hidden, lengthOf(key.n)), back };
}

export async function finalize(key, prepared, signed, back) {
  const signature = (toInt(signed) * back) % key.n;
  const width = bits(key.n) - 1;
  const encoded = toBytes(power(signature, key.e, key.n), Math.ceil(width / 8));
  if (!(await fits(prepared, width, encoded))) throw new Error("the signature does not fit");
  return toBytes(signature, lengthOf(key.n));
}

export async function fingerprint(der) {
  const digest = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", der))).slice(0, 16);
  return digest.match(/.{4}/g).join("-");
}

// Whether this token is asked about a second day: its own randomness decides, so that nobody is chosen.
export async function secondDay(prepared) {
  const text = new TextEncoder().encode("second day");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", join(text, prepared)));
  return toInt(digest.slice(0, 8)) * 5n < 1n << 64n;
}

// Cookies are left at home on every one of these: the server is not told who asks.
async function ask(path, body) {
  const options = { credentials: "omit", referrerPolicy: "no-referrer", headers: { accept: "application/json" } };
  if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body) });
  if (body) options.headers["content-type"] = "application/json";
  const answer = await fetch(path, options);
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.error), { status: answer.status, told: told.error });
  return told;
}

// A token, kept in this browser alone until it is spent: a lost connection loses no right.
async function token(quarter, claim, held) {
  const kept = JSON.parse(localStorage.getItem(`pulse ${quarter}`) ?? "null");
  if (kept?.claim === claim && kept.signature) return kept;
  const told = await ask(`/pulse/key/${quarter}`);
  const der = unhex(told.key), key = { n: BigInt("0x" + told.n), e: BigInt(told.e) };
  if ((await fingerprint(der)) !== told.fingerprint) throw new Error("the key is not the one it says");
  let hidden = kept?.claim === claim ? kept : null;
  if (!hidden) {
    const made = await blind(key, held);
    hidden = { claim, prepared: hex(held), message: hex(made.message), back: made.back.toString(16) };
    localStorage.setItem(`pulse ${quarter}`, JSON.stringify(hidden));
  }
  const { signed } = await ask("/pulse/sign", { claim, hidden: hidden.message });
  const prepared = unhex(hidden.prepared);
  const signature = await finalize(key, prepared, unhex(signed), BigInt("0x" + hidden.back));
  const ready = { claim, prepared: hidden.prepared, signature: hex(signature) };
  localStorage.setItem(`pulse ${quarter}`, JSON.stringify(ready));
  return ready;
}

function claimOf(form) {
  if (location.hash.length > 1) {
    const [claim, stratum, level] = decodeURIComponent(location.hash.slice(1)).split("~");
    history.replaceState(null, "", location.pathname);  // nobody finds the right in the list of visited pages
    return { claim, stratum: stratum ?? "", level: level ?? "" };
  }
  return { claim: form.dataset.claim, stratum: form.dataset.stratum, level: form.dataset.level };
}

const yesNo = (value) => (value === "yes" ? true : value === "no" ? false : null);

async function page(form) {
  const { claim, stratum, level } = claimOf(form);
  const show = (name, on = true) => document.querySelectorAll(`[data-when~="${name}"]`).forEach((part) => { part.hidden = !on; });
  if (!claim) return;  // nobody's turn: the page says how it goes
  const [quarter, about] = claim.split(".");
  const day = new Date(`${about}T12:00:00Z`);
  if (!/^\d{4}-Q[1-4]$/.test(quarter) || Number.isNaN(day.getTime())) return;
  const kept = JSON.parse(localStorage.getItem(`pulse ${quarter}`) ?? "null");
  if (form.dataset.used && kept?.claim !== claim) return;  // used, and not by a token this browser still holds
  const words = (date) => date.toLocaleDateString(document.documentElement.lang, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
  document.querySelectorAll("[data-day]").forEach((part) => { part.textContent = words(day); });
  const before = new Date(day);
  before.setUTCDate(before.getUTCDate() - (day.getUTCDay() === 1 ? 3 : 1));
  document.querySelectorAll("[data-day-before]").forEach((part) => { part.textContent = words(before); });
  if (stratum) {
    document.querySelectorAll("[data-team]").forEach((part) => { part.textContent = stratum; });
    show("stratum");
  }
  const held = kept?.claim === claim ? unhex(kept.prepared) : newToken();
  show("second", await secondDay(held));
  show("script");
  show("plain", false);

  let fetching = null;
  // The token is fetched at the first touch, not at the last: signing and answering then lie apart.
  const begin = () => { fetching ??= token(quarter, claim, held); fetching.catch(() => { fetching = null; }); return fetching; };
  form.addEventListener("change", () => { begin().catch(() => {}); }, { once: true });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    const wrong = document.getElementById("wrong");
    button.disabled = true;
    try {
      const ready = await begin();
      const told = new FormData(form);
      await ask("/pulse/answer", {
        quarter, about, token: ready.prepared, signature: ready.signature,
        worked: told.get("used") !== "off", used: told.get("used") === "yes", tool: told.get("tool") ?? "", job: told.get("job") ?? "",
        how: told.get("how") ?? "", kept: yesNo(told.get("kept")), expected: yesNo(told.get("expected")),
        second: yesNo(told.get("second")), stratum: told.get("from") ? stratum : "", level, why: told.get("why") ?? "",
      });
      localStorage.removeItem(`pulse ${quarter}`);
      form.hidden = true;
      show("done");
      const done = document.getElementById("done");
      done.focus();
    } catch (error) {
      wrong.textContent = error.told ?? form.dataset.failed;
      wrong.parentElement.hidden = false;
      wrong.parentElement.scrollIntoView();
      button.disabled = false;
    }
  });
}

if (typeof document !== "undefined") {
  const form = document.getElementById("pulse");
  // Over a connection that is not encrypted a browser does no arithmetic of this kind: the plain form stays.
  if (form && crypto.subtle) page(form);
}
