import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DASHBOARD_FILE } from '../places.ts';

const dataSource = z.looseObject({ type: z.literal('prometheus'), uid: z.string().min(1) });

const target = z.looseObject({
  refId: z.string().min(1),
  expr: z.string().min(1),
  datasource: dataSource,
});

const panel = z.looseObject({
  id: z.int().positive(),
  type: z.string().min(1),
  title: z.string().min(1),
  description: z.string().min(1),
  datasource: dataSource,
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int().positive(), h: z.int().positive() }),
  targets: z.array(target).min(1),
  options: z.record(z.string(), z.unknown()),
  fieldConfig: z.looseObject({
    defaults: z.looseObject({
      unit: z.string().min(1),
      thresholds: z.looseObject({
        mode: z.enum(['absolute', 'percentage']),
        steps: z.array(z.object({ value: z.number().nullable(), color: z.string() })).min(1),
      }),
      mappings: z.array(z.looseObject({ type: z.string() })).optional(),
      // The SDK's JSON schemas have these bounds, and its types do not.
      custom: z.looseObject({
        lineWidth: z.int().min(0).max(10).optional(),
        fillOpacity: z.int().min(0).max(100).optional(),
      }),
    }),
    overrides: z.array(
      z.looseObject({ properties: z.array(z.object({ id: z.string(), value: z.unknown() })) }),
    ),
  }),
});

const variable = z.looseObject({
  type: z.literal('query'),
  name: z.string().min(1),
  datasource: dataSource,
  definition: z.string(),
  query: z.looseObject({ query: z.string() }),
});

const annotation = z.looseObject({
  name: z.string().min(1),
  datasource: dataSource,
  enable: z.literal(true),
  hide: z.literal(false),
  expr: z.string().min(1),
  step: z.string(),
  target,
});

const dashboard = z.looseObject({
  uid: z.string().min(1),
  schemaVersion: z.literal(42),
  panels: z.array(panel).min(1),
  templating: z.object({ list: z.array(variable) }),
  annotations: z.object({ list: z.array(annotation) }),
});

/**
 * What we demand of a dashboard, beyond what Grafana does: every panel has its id, its unit, thresholds
 * and a description, and every query a refId and a data source.
 */
export type DashboardModel = z.infer<typeof dashboard>;

/** One panel of a dashboard. */
export type PanelModel = z.infer<typeof panel>;

/**
 * Reads a dashboard.
 * @param text JSON; by default what `understudy.json` holds
 * @throws {z.ZodError} when it lacks something that we demand, with the paths
 */
export function readDashboard(text = readFileSync(DASHBOARD_FILE, 'utf8')): DashboardModel {
  return dashboard.parse(JSON.parse(text));
}
