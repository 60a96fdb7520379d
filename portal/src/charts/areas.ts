// The areas of consent that lanes show: those of the record types that they are made of.
import { Category } from "../../gen/osteon/meta/v1/options_pb";
import { SeriesLane } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import type { Lane } from "./read";

const AREAS: Readonly<Partial<Record<SeriesLane, Category>>> = {
  [SeriesLane.PAIN]: Category.C06_SYMPTOMS,
  [SeriesLane.WEIGHT]: Category.C07_NUTRITION,
  [SeriesLane.PROTEIN]: Category.C07_NUTRITION,
  [SeriesLane.CALCIUM]: Category.C07_NUTRITION,
  [SeriesLane.FLUID]: Category.C07_NUTRITION,
  [SeriesLane.ACTIVITY]: Category.C08_ACTIVITY,
  [SeriesLane.FALLS]: Category.C09_FALLS_HOME,
  [SeriesLane.NEAR_FALLS]: Category.C09_FALLS_HOME,
  [SeriesLane.GAIT]: Category.C08_ACTIVITY,
  [SeriesLane.CHAIR_STANDS]: Category.C08_ACTIVITY,
  [SeriesLane.LABORATORY]: Category.C05_LABORATORY,
  [SeriesLane.DOSE_GIVEN]: Category.C04_MEDICINES,
  [SeriesLane.DOSE_DUE]: Category.C04_MEDICINES,
  [SeriesLane.TREATMENT]: Category.C02_CANCER,
};

/** A T-score is a result, too, but one about bones. */
const areaOf = ({ head }: Lane): Category | undefined =>
  head.analyte.startsWith("t_score") ? Category.C03_BONE_STATUS : AREAS[head.lane];

export const areasOf = (lanes: readonly Lane[]): Category[] =>
  [...new Set(lanes.flatMap((lane) => areaOf(lane) ?? []))].sort((a, b) => a - b);
