import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app/app";
import { startClock } from "./app/clock";
import { startKeys } from "./app/keys";
import { placeName, startRouter } from "./app/router";
import { fetchScreen } from "./app/screen";
import { session, startSession } from "./app/session";
import { startLive, stopLive } from "./live/live";
import "./style/base.css";
import "./style/marks.css";
import "./style/tables.css";
import "./style/patient.css";
import "./style/charts.css";
import "./style/reviews.css";
import "./style/people.css";
import "./style/print.css";
import { names } from "./value/names";
import { speak } from "./words";

async function start(): Promise<void> {
  const german = (navigator.languages[0] ?? "en").toLowerCase().startsWith("de");
  const words = speak(german ? "de" : "en");
  startClock();
  startRouter();
  startSession();
  fetchScreen(placeName.value).catch(() => undefined);
  await words;
  startKeys();
  let live = false;
  effect(() => {
    const wanted = session.value === "in" || session.value === "warned";
    if (wanted && !live) startLive();
    if (!wanted && live) stopLive();
    live = wanted;
  });
  // From the list nearly everybody goes to a patient: that page's code is there before a key is pressed.
  effect(() => {
    if (names.value) void fetchScreen("patient").catch(() => undefined);
  });
  const root = document.getElementById("app");
  if (root) render(<App />, root);
}

void start();
