import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What Prometheus reads of one instance. */
export interface Metrics {
  request(team: string, status: number, seconds: number): void;
  verdict(team: string, decision: string): void;
  /** Bytes that were inspected, and not only judged by what is remembered of them. */
  inspected(): void;
  databaseUp(isUp: boolean): void;
  /** The text exposition format, with its media type. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Seconds: a page from memory, a wheel from the store, a large file that has to be fetched and judged first. */
const buckets = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300];

export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "tspip_requests_total",
    help: "Requests by team and status",
    labelNames: ["team", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "tspip_request_seconds",
    help: "Time from a request to the end of its answer",
    buckets,
    registers,
  });
  const verdicts = new Counter({
    name: "tspip_verdicts_total",
    help: "Files that were asked for and judged",
    labelNames: ["team", "decision"],
    registers,
  });
  const inspections = new Counter({
    name: "tspip_inspections_total",
    help: "Files whose bytes were inspected",
    registers,
  });
  const database = new Gauge({ name: "tspip_database_up", help: "Whether the database answered last", registers });
  new Gauge({ name: "tspip_info", help: "Which tspip this is", labelNames: ["version"], registers }).set(
    { version },
    1,
  );
  return {
    request(team, status, seconds) {
      requests.inc({ team, status });
      durations.observe(seconds);
    },
    verdict: (team, decision) => verdicts.inc({ team, decision }),
    inspected: () => inspections.inc(),
    databaseUp: (isUp) => database.set(isUp ? 1 : 0),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
