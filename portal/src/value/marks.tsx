// The marks that a state has everywhere: a word, a shape, a place, and only then a colour.
import type { ComponentChildren } from "preact";
import { AlertSeverity } from "../../gen/osteon/care/v1/alert_pb";
import { t } from "../words";

export type MarkKind = "emergency" | "urgent" | "soon" | "info" | "disputed" | "new" | "away" | "plain";

const SHAPES: Readonly<Record<MarkKind, string>> = {
  emergency: "M6 1h4l5 5v4l-5 5H6l-5-5V6z",
  urgent: "M8 1.5 15.5 14.5H.5z",
  soon: "M8 .8 15.2 8 8 15.2.8 8z",
  info: "M8 1.5a6.5 6.5 0 1 0 .01 0z",
  disputed: "M1 1h8v8H1zM7 7h8v8H7z",
  new: "",
  away: "M8 1.5a6.5 6.5 0 1 0 .01 0zM8 3.3a4.7 4.7 0 0 1 2.6.8L4.1 10.6A4.7 4.7 0 0 1 8 3.3zm0 9.4a4.7 4.7 0 0 1-2.7-.9l6.6-6.4A4.7 4.7 0 0 1 8 12.7z",
  plain: "",
};

export function Mark({ kind, children }: { kind: MarkKind; children: ComponentChildren }) {
  const shape = SHAPES[kind];
  return (
    <span class={`mark mark-${kind}`}>
      {shape !== "" && (
        <svg viewBox="0 0 16 16" width="11" height="11" aria-hidden="true">
          <path d={shape} fill="currentColor" fill-rule="evenodd" />
        </svg>
      )}
      {children}
    </span>
  );
}

const SEVERITIES: Readonly<Record<AlertSeverity, MarkKind>> = {
  [AlertSeverity.UNSPECIFIED]: "plain",
  [AlertSeverity.INFO]: "info",
  [AlertSeverity.SOON]: "soon",
  [AlertSeverity.URGENT]: "urgent",
  [AlertSeverity.EMERGENCY]: "emergency",
};

export function severityWord(severity: AlertSeverity): string {
  switch (severity) {
    case AlertSeverity.EMERGENCY:
      return t("severity.emergency");
    case AlertSeverity.URGENT:
      return t("severity.urgent");
    case AlertSeverity.SOON:
      return t("severity.soon");
    case AlertSeverity.INFO:
      return t("severity.info");
    default:
      return t("severity.unknown");
  }
}

export const Severity = ({ of }: { of: AlertSeverity }) => (
  <Mark kind={SEVERITIES[of] ?? "plain"}>{severityWord(of)}</Mark>
);

export const Disputed = () => <Mark kind="disputed">{t("state.disputed")}</Mark>;
export const New = () => <Mark kind="new">{t("state.new")}</Mark>;

/** A key that does the same as what it stands beside. */
export const KeyHint = ({ children }: { children: string }) => <kbd>{children}</kbd>;
