import type { Measurement } from '../measurement.ts';
import { dedupArbitrary, dedupSequenced } from './dedup.ts';
import { falseTakeoversIdle, falseTakeoversLoaded } from './false-takeovers.ts';
import { idleCost } from './idle-cost.ts';
import { inFlight } from './in-flight.ts';
import { judging } from './judging.ts';
import { labLinks, labPing, labPipeline } from './lab-links.ts';
import { labNodes } from './lab-nodes.ts';
import { latencyBullmq, latencyStream } from './latency.ts';
import { metricsCost } from './metrics-cost.ts';
import { metricsTakeover } from './metrics-takeover.ts';
import { processesBullmq, processesStream } from './processes.ts';
import { stormActive, stormPassive } from './storm.ts';
import { takeoverKill } from './takeover-kill.ts';
import { takeoverPartition } from './takeover-partition.ts';
import { takeoverPause } from './takeover-pause.ts';
import { takeoverResident } from './takeover-resident.ts';
import { takeoverStall } from './takeover-stall.ts';
import { takeoverTerm } from './takeover-term.ts';
import { throughputBullmq, throughputStream } from './throughput.ts';

/** Every row, in the order of the table. */
export const MEASUREMENTS: readonly Measurement[] = [
  takeoverKill,
  takeoverResident,
  takeoverPause,
  takeoverPartition,
  takeoverStall,
  falseTakeoversIdle,
  falseTakeoversLoaded,
  takeoverTerm,
  inFlight,
  throughputBullmq,
  throughputStream,
  processesBullmq,
  processesStream,
  dedupArbitrary,
  dedupSequenced,
  idleCost,
  latencyBullmq,
  latencyStream,
  judging,
  metricsTakeover,
  metricsCost,
  labPing,
  labPipeline,
  labLinks,
  labNodes,
  stormPassive,
  stormActive,
];
