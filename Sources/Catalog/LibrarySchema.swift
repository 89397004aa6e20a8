public import Items

/// The library's indexes, declared beside its entities: every way to an item that is not its key.
public enum LibrarySchema {
  /// Newest first when it is read backwards: sort keys are moments.
  public static let client = IndexDeclaration(
    "client", partition: [.text("CLIENT"), .attribute("client")], sort: [.attribute("added")], projection: [])

  public static let brand = IndexDeclaration(
    "brand", partition: [.text("CLIENT"), .attribute("client"), .text("BRAND"), .attribute("brand")],
    sort: [.attribute("added")], projection: [])

  public static let campaign = IndexDeclaration(
    "campaign",
    partition: [
      .text("CLIENT"), .attribute("client"), .text("BRAND"), .attribute("brand"), .text("CAMPAIGN"),
      .attribute("campaign"),
    ], sort: [.attribute("added")], projection: [])

  /// The assets of a client that have the same bytes.
  public static let bytes = IndexDeclaration(
    "bytes", partition: [.text("CLIENT"), .attribute("client"), .text("BYTES"), .attribute("object")],
    sort: [.attribute("added")], projection: [])

  /// Every client; only for the owner of the machine.
  public static let clients = IndexDeclaration(
    "clients", partition: [.text("CLIENTS")], sort: [.attribute("id")], projection: [])

  /// Assets of a client by words and by what is said of them; only they have a member `client`.
  public static let search = TextIndexDeclaration(
    "assets", partition: [.text("CLIENT"), .attribute("client")],
    filters: ["brand", "campaign", "state", "kind", "tags"], words: ["name", "tags", "brand", "campaign"])

  /// Scores of a client, a brand or a campaign, from the least to the greatest.
  public static let scoreOfClient = IndexDeclaration(
    "score-client",
    partition: [.text("CLIENT"), .attribute("owner"), .text("SCORE"), .attribute("series"), .attribute("label")],
    sort: [.attribute("score")], projection: ["of", "score"])

  public static let scoreOfBrand = IndexDeclaration(
    "score-brand",
    partition: [
      .text("CLIENT"), .attribute("owner"), .text("BRAND"), .attribute("brand"), .text("SCORE"),
      .attribute("series"), .attribute("label"),
    ], sort: [.attribute("score")], projection: ["of", "score"])

  public static let scoreOfCampaign = IndexDeclaration(
    "score-campaign",
    partition: [
      .text("CLIENT"), .attribute("owner"), .text("BRAND"), .attribute("brand"), .text("CAMPAIGN"),
      .attribute("campaign"), .text("SCORE"), .attribute("series"), .attribute("label"),
    ], sort: [.attribute("score")], projection: ["of", "score"])

  /// Jobs of a client; of its items, only they have a member `created` beside `owner`.
  public static let jobs = IndexDeclaration(
    "jobs", partition: [.text("CLIENT"), .attribute("owner"), .text("JOBS")], sort: [.attribute("created")],
    projection: [])

  public static let jobState = IndexDeclaration(
    "job-state", partition: [.text("CLIENT"), .attribute("owner"), .text("STATE"), .attribute("state")],
    sort: [.attribute("created")], projection: [])

  /// Items of a job that stand in one state, in their order.
  public static let jobItemState = IndexDeclaration(
    "job-item-state",
    partition: [
      .text("CLIENT"), .attribute("owner"), .text("JOB"), .attribute("job"), .text("STATE"), .attribute("state"),
    ], sort: [.attribute("number")], projection: [])

  /// Events of a client, of all its streams, by the moment at which they began; of its items, only they have a member `event`.
  public static let events = IndexDeclaration(
    "events", partition: [.text("CLIENT"), .attribute("owner"), .text("EVENTS")],
    sort: [.attribute("from"), .attribute("event")], projection: [])

  public static let eventLabel = IndexDeclaration(
    "event-label", partition: [.text("CLIENT"), .attribute("owner"), .text("LABEL"), .attribute("label")],
    sort: [.attribute("from"), .attribute("event")], projection: [])

  public static let eventZone = IndexDeclaration(
    "event-zone", partition: [.text("CLIENT"), .attribute("owner"), .text("ZONE"), .attribute("zone")],
    sort: [.attribute("from"), .attribute("event")], projection: [])

  /// Events of all clients that are open, and those that are over; what ends and removes them looks at all.
  public static let eventState = IndexDeclaration(
    "event-state", partition: [.text("EVENTS"), .attribute("state")],
    sort: [.attribute("from"), .attribute("event")], projection: [])

  /// Events of a client that are of a kind of their own, such as its health, or its alerts.
  public static let eventKind = IndexDeclaration(
    "event-kind", partition: [.text("CLIENT"), .attribute("owner"), .text("KIND"), .attribute("kind")],
    sort: [.attribute("from"), .attribute("event")], projection: [])

  /// Notices of a target that stand in one state, in the order in which they are told; of its items, only they have a member `target`.
  public static let noticeState = IndexDeclaration(
    "notice-state",
    partition: [
      .text("CLIENT"), .attribute("owner"), .text("TARGET"), .attribute("target"), .text("STATE"), .attribute("state"),
    ], sort: [.attribute("number")], projection: ["number", "stream", "of", "phase", "queued", "due", "tried"])

  /// What was drawn for streams of a client; of its items, only they have a member `drawn`.
  public static let scenes = IndexDeclaration(
    "scenes", partition: [.text("CLIENT"), .attribute("owner"), .text("SCENES")], sort: [.attribute("drawn")],
    projection: [])

  /// Recordings of a client's stream, of one kind, by the moment at which they begin; of assets, only they have a member `recording`.
  public static let recordings = IndexDeclaration(
    "recordings",
    partition: [
      .text("CLIENT"), .attribute("client"), .text("STREAM"), .attribute("stream"), .text("RECORDING"),
      .attribute("recording"),
    ], sort: [.attribute("from"), .attribute("asset")], projection: [])

  /// Those of all clients; what keeps the disk from filling looks at all.
  public static let recordingKind = IndexDeclaration(
    "recording-kind", partition: [.text("RECORDINGS"), .attribute("recording")],
    sort: [.attribute("from"), .attribute("asset")], projection: [])

  /// The clip of an event; of assets, only clips have a member `event`.
  public static let clips = IndexDeclaration(
    "clips", partition: [.text("CLIENT"), .attribute("client"), .text("CLIP"), .attribute("event")],
    sort: [.attribute("added")], projection: [])

  /// What is held of a client's recordings; of its items, only holds have a member `hold`.
  public static let holds = IndexDeclaration(
    "holds", partition: [.text("CLIENT"), .attribute("owner"), .text("HOLDS")], sort: [.attribute("hold")],
    projection: [])

  /// The same of all clients.
  public static let allHolds = IndexDeclaration(
    "all-holds", partition: [.text("HOLDS")], sort: [.attribute("hold")], projection: [])

  /// Moments of a client by when they began; of its items, only they have a member `moment`.
  public static let moments = IndexDeclaration(
    "moments", partition: [.text("CLIENT"), .attribute("owner"), .text("MOMENTS")],
    sort: [.attribute("from"), .attribute("moment")], projection: [])

  public static let momentLabel = IndexDeclaration(
    "moment-label",
    partition: [.text("CLIENT"), .attribute("owner"), .text("MOMENTS"), .text("LABEL"), .attribute("label")],
    sort: [.attribute("from"), .attribute("moment")], projection: [])

  public static let momentZone = IndexDeclaration(
    "moment-zone",
    partition: [.text("CLIENT"), .attribute("owner"), .text("MOMENTS"), .text("ZONE"), .attribute("zone")],
    sort: [.attribute("from"), .attribute("moment")], projection: [])

  /// Of one asset or stream.
  public static let momentPlace = IndexDeclaration(
    "moment-place",
    partition: [.text("CLIENT"), .attribute("owner"), .text("MOMENTS"), .text("PLACE"), .attribute("place")],
    sort: [.attribute("from"), .attribute("moment")], projection: [])

  /// Of one label in one asset or stream.
  public static let momentSight = IndexDeclaration(
    "moment-sight",
    partition: [
      .text("CLIENT"), .attribute("owner"), .text("MOMENTS"), .text("PLACE"), .attribute("place"), .text("LABEL"),
      .attribute("label"),
    ], sort: [.attribute("from"), .attribute("moment")], projection: [])

  /// Long moments of one asset or stream, those of one class of lengths together; only they have a member `class`.
  public static let momentLong = IndexDeclaration(
    "moment-long",
    partition: [
      .text("CLIENT"), .attribute("owner"), .text("MOMENTS"), .text("PLACE"), .attribute("place"), .text("CLASS"),
      .attribute("class"),
    ], sort: [.attribute("from"), .attribute("moment")], projection: [])

  /// Words that were read; only moments that have some have a member `reads`.
  public static let momentText = TextIndexDeclaration(
    "moments-text", partition: [.text("CLIENT"), .attribute("reads"), .text("MOMENTS")],
    filters: ["place"], words: ["text"])

  /// Which moments of a client's assets count; of its items, only they have a member `head`.
  ///
  /// An entry has the whole head: a search by likeness reads all.
  public static let momentHeads = IndexDeclaration(
    "moment-heads", partition: [.text("CLIENT"), .attribute("owner"), .text("MOMENT-HEADS")],
    sort: [.attribute("head")], projection: ["head", "owner", "series", "generation", "count", "vectors"])

  /// The assets of a group, by the moment they were added.
  public static func assets(of level: AssetLevel) -> IndexDeclaration {
    switch level {
    case .client: client
    case .brand: brand
    case .campaign: campaign
    }
  }

  /// The scores of a group.
  public static func scores(of level: AssetLevel) -> IndexDeclaration {
    switch level {
    case .client: scoreOfClient
    case .brand: scoreOfBrand
    case .campaign: scoreOfCampaign
    }
  }

  /// What is derived, or belongs to readers of changes or to jobs, leaves no changes itself.
  public static let table = TableSchema(
    version: 8,
    indexes: [
      client, brand, campaign, bytes, clients, scoreOfClient, scoreOfBrand, scoreOfCampaign, jobs, jobState,
      jobItemState, events, eventLabel, eventZone, eventState, eventKind, noticeState, scenes, recordings,
      recordingKind, clips, holds, allHolds, moments, momentLabel, momentZone, momentPlace, momentSight, momentLong,
      momentHeads,
    ] + answered + answeredChanged + [answeredByMany],
    texts: [search, momentText],
    unrecorded: [
      "READER#", "SCORE-ROWS#", "TOTALS#", "OBJECTS#", "REMAINS", "KEYS", "SESSIONS", "JOB#", "JOB-REQUESTS#", "RATES",
      "FLEET",
      "TRIGGERS", "TRIGGERED#", "WATCHED#", "RENDITIONS#", "TARGETS", "NOTICES#", "MOMENTS#", "VOCABULARY#",
      "MODELS", "MODEL#", "ALERTS", "ALERTED#", "SHARES", "SHARE-TOKENS", "SHARE-USES#", "DRIFT#",
      "ANSWERS#", "MOVED",
    ])
}
