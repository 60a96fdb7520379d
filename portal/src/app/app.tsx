import { t } from "../words";
import { Frame } from "./frame";
import { session } from "./session";
import { SignIn } from "./sign";

export function App() {
  switch (session.value) {
    case "starting":
      return (
        <main class="sign" id="main">
          <p role="status">{t("sign.starting")}</p>
        </main>
      );
    case "in":
    case "warned":
      return <Frame />;
    default:
      return <SignIn />;
  }
}
