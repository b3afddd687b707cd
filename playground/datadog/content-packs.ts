/**
 * Cloud SIEM's content packs and their states, the nearest thing to "is Cloud SIEM on and does it see this source".
 * Nothing is recorded publicly; shapes follow the models of DataDog/datadog-api-client-typescript, and the status
 * follows from the world (activation, filters, logs seen) unless a test sets it.
 */
export type ContentPackStatus =
  | 'install'
  | 'activate'
  | 'initializing'
  | 'active'
  | 'warning'
  | 'broken'
  | 'not_configured';

export type DataLastSeen = 'not_seen' | 'within_24_hours' | 'within_24_to_72_hours' | 'over_72h_to_30d' | 'over_30d';

export type Sku = 'per_gb_analyzed' | 'per_event_in_siem_index_2023' | 'add_on_2024' | 'standalone_indexed' | 'unknown';

export interface ContentPackState {
  status: ContentPackStatus;
  cpActivation: 'never_activated' | 'activated' | 'deactivated';
  dataLastSeen: DataLastSeen;
  filtersConfigured: boolean;
  integrationInstalledStatus: 'installed' | 'available' | 'partially_installed' | 'detected' | 'error';
  logsSeenFromAnyIndex: boolean;
  siemIndexIncorrect: boolean;
}

export interface ContentPack {
  id: string;
  /** The source whose logs the pack is for. */
  source: string;
  activation: ContentPackState['cpActivation'];
  /** Fields a test or a seed insists on. */
  fixed: Partial<ContentPackState>;
}

export interface SourceSeen {
  lastSeenMs?: number | undefined;
  filtersConfigured: boolean;
}

const HOUR_MS = 3_600_000;

export function contentPackState(pack: ContentPack, seen: SourceSeen, nowMs: number): ContentPackState {
  const dataLastSeen = lastSeenBucket(seen.lastSeenMs, nowMs);
  const derived: ContentPackState = {
    status: statusOf(pack.activation, dataLastSeen, seen.filtersConfigured),
    cpActivation: pack.activation,
    dataLastSeen,
    filtersConfigured: seen.filtersConfigured,
    integrationInstalledStatus: dataLastSeen === 'not_seen' ? 'available' : 'installed',
    logsSeenFromAnyIndex: dataLastSeen !== 'not_seen',
    siemIndexIncorrect: false,
  };
  return { ...derived, ...pack.fixed };
}

function statusOf(
  activation: ContentPackState['cpActivation'],
  seen: DataLastSeen,
  filtersConfigured: boolean,
): ContentPackStatus {
  if (activation !== 'activated') return seen === 'not_seen' ? 'install' : 'activate';
  if (!filtersConfigured) return 'broken';
  if (seen === 'not_seen') return 'initializing';
  return seen === 'within_24_hours' ? 'active' : 'warning';
}

function lastSeenBucket(lastSeenMs: number | undefined, nowMs: number): DataLastSeen {
  if (lastSeenMs === undefined) return 'not_seen';
  const age = nowMs - lastSeenMs;
  if (age <= 24 * HOUR_MS) return 'within_24_hours';
  if (age <= 72 * HOUR_MS) return 'within_24_to_72_hours';
  return age <= 30 * 24 * HOUR_MS ? 'over_72h_to_30d' : 'over_30d';
}

export function contentPackData(id: string, state: ContentPackState, cloudSiemActive: boolean): unknown {
  const details = cloudSiemActive
    ? {
        type: 'logs',
        cp_activation: state.cpActivation,
        data_last_seen: state.dataLastSeen,
        filters_configured: state.filtersConfigured,
        integration_installed_status: state.integrationInstalledStatus,
        logs_seen_from_any_index: state.logsSeenFromAnyIndex,
        siem_index_incorrect: state.siemIndexIncorrect,
      }
    : {
        type: 'onboarding',
        integration_installed_status: state.integrationInstalledStatus,
        logs_seen_from_any_index: state.logsSeenFromAnyIndex,
      };
  return { id, type: 'content_pack_state', attributes: { status: state.status, details } };
}
