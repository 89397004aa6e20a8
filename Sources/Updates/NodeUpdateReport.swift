public import Base
public import JSON
public import Rollouts

/// How a node is with its updates, as it tells its centre: the member `update` of its report.
public struct NodeUpdateReport: Sendable, Hashable {
  /// The member's name.
  public static let member = "updates"

  /// The newest version that was taken; none up to it is taken again.
  public var highest = 0
  /// `nil` for what was installed.
  public var serving: Int?
  /// SHA-256 of its signed bundle: a centre that was restored from a copy gives a number twice.
  public var bundle: String?
  public var isTrial = false
  /// The version that is served, where the disk lost some of its files: it is to be given once more.
  public var lost: Int?
  /// Bytes of the next one are coming: which, how many of how many.
  public var fetching: (version: Int, received: Int, bytes: Int)?
  public var failure: UpdateState.Failure?
  /// What keeps it from going on, in words, such as a disk that is full.
  public var trouble: String?
  public var architecture = ""
  /// The version of the program that runs, and the schema of its library.
  public var program = ""
  public var schema = 0
  /// What its models did since it serves what it serves.
  public var tally = VersionTally()

  public init() {}

  public static func == (a: Self, b: Self) -> Bool { a.json == b.json }
  public func hash(into hasher: inout Hasher) { hasher.combine(json) }

  private enum Key: String, CaseIterable {
    case highest, serving, bundle, trial, lost, fetching, failure, trouble, architecture, program, schema, tally
  }
  private enum FetchKey: String, CaseIterable { case version, received, bytes }

  public var json: [UInt8] {
    JSONWriter.object { json in
      json.field("highest", highest)
      json.field("serving", ifKnown: serving)
      json.field("bundle", ifKnown: bundle)
      json.field("trial", isTrial)
      json.field("lost", ifKnown: lost)
      if let fetching {
        json.object("fetching") { json in
          json.field("version", fetching.version)
          json.field("received", fetching.received)
          json.field("bytes", fetching.bytes)
        }
      }
      if let failure { json.object("failure", failure.write) }
      json.field("trouble", ifKnown: trouble)
      json.field("architecture", architecture)
      json.field("program", program)
      json.field("schema", schema)
      json.object("tally") { tally.write(into: &$0) }
    }
  }

  /// Reads what ``json`` wrote, with more members or without.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    highest = try fields.required(.highest).integer(in: 0 ... .max)
    serving = try fields[.serving]?.integer(in: 1 ... .max)
    bundle = try fields[.bundle]?.string()
    isTrial = try fields.required(.trial).bool()
    lost = try fields[.lost]?.integer(in: 1 ... .max)
    fetching = try fields[.fetching].map { (value) throws(Fault) in
      let fields = try value.fields(FetchKey.self, others: .ignored)
      return (
        try fields.required(.version).integer(), try fields.required(.received).integer(),
        try fields.required(.bytes).integer()
      )
    }
    failure = try fields[.failure].map { (value) throws(Fault) in try UpdateState.Failure(value) }
    trouble = try fields[.trouble]?.string()
    architecture = try fields.required(.architecture).string()
    program = try fields.required(.program).string()
    schema = try fields.required(.schema).integer()
    tally = try VersionTally(try fields.required(.tally))
  }
}
