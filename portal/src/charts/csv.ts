// The series on the screen as a table for a spreadsheet (RFC 4180): every entry of a day with its unit, range, state and words.
import type { SeriesLaneHead, SeriesPoint } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { amount, laneTitle, laneUnit, placeWord, pointWords, rangeWords, shapeOf, valuesOf } from "../value/series";
import { t, texts } from "../words";
import type { Lane } from "./read";

/** A cell that begins as a formula would is told to be text; a quote is doubled. */
function cell(text: string): string {
  const plain = text.replaceAll("\u00a0", " ");
  const safe = /^[=+@\t\r-]/.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function line(head: SeriesLaneHead, point: SeriesPoint): string[] {
  const values = valuesOf(point).map((value) => amount(head, value, point));
  const range = shapeOf(head.lane) === "lab" ? rangeWords(head, point) : "";
  return [
    point.day,
    laneTitle(head),
    laneUnit(head),
    values.join(" | "),
    t(point.disputed ? "value.yes" : "value.no"),
    String(point.count),
    range,
    placeWord(point),
    pointWords(head, point),
  ];
}

export function csvOf(about: string, lanes: readonly Lane[]): string {
  const rows = lanes.flatMap((lane) => lane.points.map((point) => line(lane.head, point)));
  return `${[[about], texts("csv.head"), ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

export function saveCsv(name: string, text: string): void {
  // The mark in front says UTF-8 to spreadsheets.
  const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
