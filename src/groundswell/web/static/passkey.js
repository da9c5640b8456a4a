// The only thing here that needs a script: a browser hands out passkeys to scripts alone.
"use strict";

async function post(url, token, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "x-csrf-token": token, "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function add(token) {
  const asked = await post("/me/passkeys/options", token);
  const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
  await post("/me/passkeys", token, made.toJSON());
  location.reload();
}

async function signIn(token, form) {
  const asked = await post("/sign-in/passkey/options", token);
  const signed = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
  await post("/sign-in/passkey", token, signed.toJSON());
  location.assign(form.dataset.onward || "/");
}

for (const form of document.querySelectorAll("form.passkey")) {
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = form.querySelector("[role=alert]");
    wrong.hidden = true;
    const token = form.elements.csrf.value;
    (form.dataset.kind === "add" ? add(token) : signIn(token, form)).catch(() => { wrong.hidden = false; });
  });
}
