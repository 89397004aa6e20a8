public import Items

/// Where the library's items stand.
public enum LibraryKeys {
  public static func client(_ name: String) -> ItemKey { ItemKey(CompositeKey.joined("CLIENT", name), "METADATA") }

  public static func asset(_ id: ULID) -> ItemKey { ItemKey(assetPartition(id), "METADATA") }

  public static func assetPartition(_ id: ULID) -> String { CompositeKey.joined("ASSET", id.text) }

  public static let analyses = "ANALYSIS#"
  public static let scores = "SCORES#"

  /// `pipeline` is the digest, `sha256:` and 64 hexadecimal digits.
  public static func analysis(_ id: ULID, pipeline: String) -> ItemKey {
    ItemKey(assetPartition(id), CompositeKey.joined("ANALYSIS", pipeline))
  }

  public static func scores(_ id: ULID, series: String) -> ItemKey {
    ItemKey(assetPartition(id), CompositeKey.joined("SCORES", series))
  }

  /// One score of one asset, kept by the reader of changes for its place in the order of scores.
  public static func scoreRow(_ id: ULID, series: String, name: String) -> ItemKey {
    ItemKey(scoreRowPartition(id), CompositeKey.joined(series, name))
  }

  public static func scoreRowPartition(_ id: ULID) -> String { CompositeKey.joined("SCORE-ROWS", id.text) }

  /// Lighter renditions of an asset's film.
  public static func renditionPartition(_ id: ULID) -> String { CompositeKey.joined("RENDITIONS", id.text) }

  public static func rendition(_ id: ULID, key: String) -> ItemKey { ItemKey(renditionPartition(id), key) }

  public static func totalsPartition(_ client: String) -> String { CompositeKey.joined("TOTALS", client) }

  public static func objectPartition(_ shard: String) -> String { CompositeKey.joined("OBJECTS", shard) }

  /// Says that an object is needed, by which asset and as what.
  public static func reference(_ digest: String, by id: ULID, _ use: String) -> ItemKey {
    ItemKey(objectPartition(String(digest.prefix(2))), CompositeKey.joined(digest, id.text, use))
  }

  /// Written by whoever adds an asset to a library that many machines share: two that add the same bytes at once do it one after the other.
  public static func adding(_ digest: String) -> ItemKey { ItemKey("ADDING", String(digest.prefix(2))) }

  /// What is left to be taken away of an asset that was deleted.
  public static let remains = "REMAINS"

  public static func remains(_ id: ULID) -> ItemKey { ItemKey(remains, id.text) }

  /// The keys of a server, by their ids, and an item that is written with every change of them.
  public static let accessKeys = "KEYS"
  public static let accessRevision = ItemKey(accessKeys, "REVISION")

  public static func accessKey(_ id: String) -> ItemKey { ItemKey(accessKeys, id) }

  /// Sessions that were signed out, by the moment at which they would have been over, and an item that is written with each.
  public static let sessions = "SESSIONS"
  public static let sessionRevision = ItemKey(sessions, "REVISION")

  public static func session(expires: Int, nonce: String) -> ItemKey {
    ItemKey(sessions, CompositeKey.joined(CompositeKey.number(expires), nonce))
  }

  /// Of sessions that are over by a moment in seconds since 1970.
  public static func sessionsOver(by date: Int) -> Query {
    Query(sessions, .between(CompositeKey.number(0), CompositeKey.number(date)), limit: 50)
  }

  /// Of sessions that would still be taken at a moment.
  public static func sessionsBeyond(_ date: Int) -> Query {
    Query(sessions, .between(CompositeKey.number(date), CompositeKey.number(.max)), limit: 1000)
  }

  /// Events of a stream, and what was drawn for it; both stay when it is removed.
  public static func streamPartition(_ client: String, _ stream: String) -> String {
    CompositeKey.joined("CLIENT", client, "STREAM", stream)
  }

  /// What the partitions of a client's streams begin with.
  public static func streams(of client: String) -> String { CompositeKey.prefix("CLIENT", client, "STREAM") }

  public static let events = "EVENT#"

  /// `from` is in milliseconds since 1970.
  public static func event(_ client: String, _ stream: String, from: Int, _ id: ULID) -> ItemKey {
    ItemKey(
      streamPartition(client, stream), CompositeKey.joined("EVENT", CompositeKey.time(milliseconds: from), id.text))
  }

  /// Events of a stream that began in a range of milliseconds since 1970.
  public static func events(from: Int, to: Int) -> Query.Range {
    .between(
      CompositeKey.joined("EVENT", CompositeKey.time(milliseconds: from)),
      CompositeKey.joined("EVENT", CompositeKey.time(milliseconds: to), "~"))
  }

  public static let holds = "HOLD#"

  /// What is held of a stream's recordings.
  public static func hold(_ client: String, _ stream: String, _ id: ULID) -> ItemKey {
    ItemKey(streamPartition(client, stream), CompositeKey.joined("HOLD", id.text))
  }

  public static let scenes = "SCENE#"

  /// What was drawn for a stream, and when; the last of them holds.
  public static func scene(_ client: String, _ stream: String, drawn: Int, _ id: ULID) -> ItemKey {
    ItemKey(
      streamPartition(client, stream), CompositeKey.joined("SCENE", CompositeKey.time(milliseconds: drawn), id.text))
  }

  /// What was learnt of a client's streams.
  public static func driftPartition(_ client: String) -> String { CompositeKey.joined("DRIFT", client) }

  public static func drift(_ client: String, _ stream: String) -> ItemKey {
    ItemKey(driftPartition(client), CompositeKey.joined("STREAM", stream))
  }

  public static func jobPartition(_ id: ULID) -> String { CompositeKey.joined("JOB", id.text) }

  public static func job(_ id: ULID) -> ItemKey { ItemKey(jobPartition(id), "METADATA") }

  public static let jobItems = "ITEM#"

  public static func jobItem(_ id: ULID, _ number: Int) -> ItemKey {
    ItemKey(jobPartition(id), CompositeKey.joined("ITEM", CompositeKey.number(number)))
  }

  /// What one piece of an item gave; the generation keeps what an older attempt still brings apart.
  public static func jobPiece(_ id: ULID, _ number: Int, generation: Int, _ piece: Int) -> ItemKey {
    ItemKey(
      jobPartition(id), jobPieces(number, generation: generation) + CompositeKey.number(piece))
  }

  public static func jobPieces(_ number: Int, generation: Int) -> String {
    CompositeKey.prefix("PIECE", CompositeKey.number(number), CompositeKey.number(generation))
  }

  public static let jobReasons = "REASON#"

  /// How many items of a job failed for one reason; `digest` is that of its text.
  public static func jobReason(_ id: ULID, digest: String) -> ItemKey {
    ItemKey(jobPartition(id), CompositeKey.joined("REASON", digest))
  }

  /// What tasks cost on machines of one kind.
  public static func rates(_ machine: String) -> ItemKey { ItemKey("RATES", machine) }

  /// Which job a client's own key of a request began.
  public static func jobRequest(client: String, key: String) -> ItemKey {
    ItemKey(CompositeKey.joined("JOB-REQUESTS", client), key)
  }

  /// Triggers of all clients, which are few: what acts on them looks at all.
  public static let triggers = "TRIGGERS"

  public static func trigger(_ client: String, _ id: ULID) -> ItemKey {
    ItemKey(triggers, CompositeKey.joined(client, id.text))
  }

  /// What the keys of a client's triggers begin with.
  public static func triggers(of client: String) -> String { CompositeKey.prefix(client) }

  /// For which assets which pipelines were started by triggers of a client.
  public static func triggeredPartition(_ client: String) -> String { CompositeKey.joined("TRIGGERED", client) }

  public static func triggered(client: String, _ asset: ULID, pipeline: String) -> ItemKey {
    ItemKey(triggeredPartition(client), triggered(asset) + CompositeKey.joined(pipeline))
  }

  /// What the marks of one asset begin with.
  public static func triggered(_ asset: ULID) -> String { CompositeKey.prefix(asset.text) }

  /// The files of watched folders and buckets that were looked at.
  public static func watchedPartition(_ client: String) -> String { CompositeKey.joined("WATCHED", client) }

  /// `digest` is that of the path below the folder, which may be too long for a key.
  public static func watched(client: String, _ trigger: ULID, digest: String) -> ItemKey {
    ItemKey(watchedPartition(client), watched(trigger) + digest)
  }

  public static func watched(_ trigger: ULID) -> String { CompositeKey.prefix(trigger.text) }

  /// Who looks at the place of a trigger for all.
  public static func watchTurn(client: String, _ trigger: ULID) -> ItemKey {
    ItemKey(watchedPartition(client), CompositeKey.joined("TURN", trigger.text))
  }

  /// How far triggers have followed the changes of assets, and jobs whose tasks they have yet to hand out.
  public static let triggersPosition = ItemKey("READER#triggers", "POSITION")
  public static let triggersOutbox = "OUT#"

  public static func triggerOutbox(_ job: ULID) -> ItemKey {
    ItemKey(triggersPosition.partition, CompositeKey.joined("OUT", job.text))
  }

  /// Targets of all clients, which are few: what tells them looks at all.
  public static let targets = "TARGETS"

  public static func target(_ client: String, _ name: String) -> ItemKey {
    ItemKey(targets, CompositeKey.joined(client, name))
  }

  /// What the keys of a client's targets begin with.
  public static func targets(of client: String) -> String { CompositeKey.prefix(client) }

  /// What a target is told, by the moment at which its event began.
  public static func notices(_ client: String, _ target: String) -> String {
    CompositeKey.joined("NOTICES", client, target)
  }

  /// `mark` tells the notices of one event apart.
  public static func notice(_ client: String, _ target: String, from: Int, _ event: ULID, mark: String) -> ItemKey {
    ItemKey(
      notices(client, target), CompositeKey.joined(CompositeKey.time(milliseconds: from), event.text, mark))
  }

  /// How far the events have been noted for targets, who tells them, and what links are signed with.
  public static let noticesPosition = ItemKey("READER#notices", "POSITION")
  public static let noticesTurn = ItemKey("READER#notices", "TURN")
  public static let linkKey = ItemKey("READER#notices", "LINK-KEY")

  /// How far the totals have come, and who keeps them from going on.
  public static let totalsPosition = ItemKey("READER#totals", "POSITION")
  public static let totalsLease = ItemKey("READER#totals", "LEASE")

  /// When somebody without a thread for that began to take away what is not needed any more.
  public static let maintenance = ItemKey("READER#maintenance", "ROUND")
}
