export { createDeadLetterDesk, type DeadLetterDesk } from "./dead-letter-desk.ts";
export { joinChannels, type JoinOptions } from "./join-channels.ts";
export { listenToChannels, type Listening, type ListenOptions } from "./listen-to-channels.ts";
export {
  announceLoad,
  SnapshotPage,
  snapshotHandlers,
  type SnapshotItem,
  type SnapshotRequest,
  type SnapshotSource,
} from "./snapshots.ts";
export { SUBSCRIPTIONS, type Channel } from "./subscriptions.ts";
