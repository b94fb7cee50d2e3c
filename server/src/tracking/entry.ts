/** A point of a metric. `timestamp` in milliseconds since 1970. */
export interface Point {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** A metric's point that a run logged for a model, on a dataset where one is named. */
export interface ModelPoint extends Point {
  readonly modelId: string;
  readonly datasetName: string;
  readonly datasetDigest: string;
}

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** What one call logs to one run (32 hex digits); all of it is written, or none. */
export interface Entry {
  readonly runId: string;
  readonly points: readonly Point[];
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
  readonly modelPoints: readonly ModelPoint[];
}
