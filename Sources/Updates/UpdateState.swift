internal import Base
internal import Items
internal import JSON

/// Where a node stands with its updates: the one file that decides, replaced whole; the link and the aliases follow it.
public struct UpdateState: Sendable, Hashable {
  /// Where an alias of the node's registry pointed before an update; `version` is `nil` where it was not there.
  public struct AliasPlace: Sendable, Hashable {
    public let model: String
    public let alias: String
    public let version: Int?

    public init(model: String, alias: String, version: Int?) {
      (self.model, self.alias, self.version) = (model, alias, version)
    }
  }

  /// An update that this node took and left again, or did not take.
  public struct Failure: Sendable, Hashable {
    public let version: Int
    public let reason: String
    /// It was never begun: this node cannot have it, which says nothing of others.
    public let isRefusal: Bool

    public init(version: Int, reason: String, isRefusal: Bool) {
      (self.version, self.reason, self.isRefusal) = (version, reason, isRefusal)
    }
  }

  /// The newest version that was taken, however it ended: none up to it is taken again.
  public internal(set) var highest = 0
  /// The version that is to be served; `nil` for what was installed.
  public internal(set) var serving: Int?
  /// What is gone back to; `nil` for what was installed.
  public internal(set) var previous: Int?
  /// What was there before ``serving`` is there still; it is not where that was come back to itself.
  public internal(set) var hasWayBack = false
  /// How often the server began with ``serving`` while it is on trial; `nil` once it is for good.
  public internal(set) var starts: Int?
  /// The models of ``serving`` are in the registry, and their aliases point to them.
  public internal(set) var isPlaced = true
  /// Where the aliases of ``serving`` pointed before.
  public internal(set) var before: [AliasPlace] = []
  /// What went well before ``serving``, while it is on trial.
  public internal(set) var baseline = NodeBaseline()
  /// Where aliases are to be put back, because a version was left.
  public internal(set) var restoring: [AliasPlace] = []
  public internal(set) var failure: Failure?

  /// Starts that a version on trial has: a loss of power is not its fault, and one that never stays up is.
  static let mostStarts = 3
  static let mostReasonBytes = 2000

  public init() {}

  /// A version is on trial.
  public var isTrial: Bool { starts != nil }

  /// Takes a version, from now on the newest that was taken; from one on trial there is a way back to what was there before that alone.
  func taking(_ version: Int, before: [AliasPlace], _ baseline: NodeBaseline) -> UpdateState {
    var next = self
    (next.highest, next.serving, next.starts, next.isPlaced, next.failure) = (version, version, 0, false, nil)
    next.hasWayBack = true
    guard isTrial else {
      (next.previous, next.before, next.baseline) = (serving, before, baseline)
      return next
    }
    next.baseline = self.baseline.union(baseline)
    next.before += before.filter { new in
      !self.before.contains { $0.model.hasSameBytes(as: new.model) && $0.alias.hasSameBytes(as: new.alias) }
    }
    return next
  }

  /// The server begins; `nil` where the version on trial has begun too often.
  func starting() -> UpdateState? {
    guard let starts else { return self }
    guard starts < Self.mostStarts else { return nil }
    var next = self
    next.starts = starts + 1
    return next
  }

  func placed() -> UpdateState {
    var next = self
    next.isPlaced = true
    return next
  }

  /// It is well, and stays.
  func settled() -> UpdateState {
    var next = self
    (next.starts, next.baseline) = (nil, NodeBaseline())
    return next
  }

  /// Back to what was served before.
  func back(_ reason: String) -> UpdateState {
    var next = self
    if let serving { next.failure = Failure(version: serving, reason: Self.short(reason), isRefusal: false) }
    (next.serving, next.previous, next.starts, next.hasWayBack) = (previous, nil, nil, false)
    (next.restoring, next.before, next.isPlaced, next.baseline) = (before, [], true, NodeBaseline())
    return next
  }

  func restored() -> UpdateState {
    var next = self
    next.restoring = []
    return next
  }

  /// A version that is not taken for good reasons is not asked for again either.
  func refusing(_ version: Int, _ reason: String) -> UpdateState {
    var next = self
    next.highest = max(highest, version)
    next.failure = Failure(version: version, reason: Self.short(reason), isRefusal: true)
    return next
  }

  private static func short(_ reason: String) -> String {
    String(decoding: reason.utf8.prefix(mostReasonBytes), as: UTF8.self)
  }
}

extension UpdateState {
  private enum Key: String, CaseIterable {
    case highest, serving, previous, starts, placed, before, baseline, restoring, failure
    case hasWayBack = "way_back"
  }
  private enum PlaceKey: String, CaseIterable { case model, alias, version }

  var json: [UInt8] {
    JSONWriter.object { json in
      json.field("highest", highest)
      json.field("serving", ifKnown: serving)
      json.field("previous", ifKnown: previous)
      json.field("way_back", hasWayBack)
      json.field("starts", ifKnown: starts)
      json.field("placed", isPlaced)
      json.array("before") { json in for one in before { one.write(into: &json) } }
      json.object("baseline", baseline.write)
      json.array("restoring") { json in for one in restoring { one.write(into: &json) } }
      if let failure { json.object("failure", failure.write) }
    }
  }

  init(_ bytes: [UInt8], name: String) throws(Fault) {
    let fields = try JSONDocument(parsing: bytes.span.bytes, name: name).root.fields(Key.self, others: .ignored)
    highest = try fields.required(.highest).integer(in: 0 ... .max)
    serving = try fields[.serving]?.integer(in: 1 ... .max)
    previous = try fields[.previous]?.integer(in: 1 ... .max)
    hasWayBack = try fields.required(.hasWayBack).bool()
    starts = try fields[.starts]?.integer(in: 0 ... .max)
    isPlaced = try fields.required(.placed).bool()
    before = try Self.places(try fields.required(.before))
    // Programs before this one wrote none.
    if let value = fields[.baseline] { baseline = try NodeBaseline(value) }
    restoring = try Self.places(try fields.required(.restoring))
    failure = try fields[.failure].map { (value) throws(Fault) in try Failure(value) }
  }

  private static func places(_ list: JSONValue) throws(Fault) -> [AliasPlace] {
    var places: [AliasPlace] = []
    for one in try list.elements() {
      let fields = try one.fields(PlaceKey.self, others: .ignored)
      places.append(
        AliasPlace(
          model: try fields.required(.model).string(), alias: try fields.required(.alias).string(),
          version: try fields[.version]?.integer()))
    }
    return places
  }
}

extension UpdateState.Failure {
  private enum Key: String, CaseIterable { case version, reason, refused }

  func write(into json: inout JSONWriter) {
    json.field("version", version)
    json.field("reason", reason)
    json.field("refused", isRefusal)
  }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    self.init(
      version: try fields.required(.version).integer(), reason: try fields.required(.reason).string(),
      isRefusal: try fields.required(.refused).bool())
  }
}

extension UpdateState.AliasPlace {
  fileprivate func write(into json: inout JSONWriter) {
    json.object { json in
      json.field("model", model)
      json.field("alias", alias)
      json.field("version", ifKnown: version)
    }
  }
}
