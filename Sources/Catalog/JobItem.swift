public import Base
public import Items
internal import JSON

/// One asset under one pipeline of a job.
public struct JobItem: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Its first task was not done yet.
    case waiting
    /// It was cut, and its pieces are being done.
    case cut
    case done
    /// An analysis of the same identity was there before.
    case kept
    case failed
    case cancelled

    public var isSettled: Bool { self != .waiting && self != .cut }
  }

  public let job: ULID
  /// From 0, in the order of listing.
  public let number: Int
  public let client: String
  public let asset: ULID
  /// Which of the job's pipelines.
  public let pipeline: Int
  public var state = State.waiting
  /// Goes up with every retry: what an older one still brings is refused.
  public var generation = 1
  /// How it was cut: the plan, an object.
  public var plan: String?
  /// The index of its frames by which it was cut, an object.
  public var frames: String?
  public var pieces = 0
  public var piecesDone = 0
  /// How often answers about pieces were gone when they were to be put together, and were made again.
  public var losses = 0
  /// It is one task from now on: an engine was told so, or it was cut and could not be answered for sure in pieces.
  public var isWhole = false
  /// Why it failed, for a person.
  public var reason: String?
  /// The kind of fault, for a program.
  public var code: String?
  /// What of the asset the failed task was about: `0.000-12.480 s`; `nil` for all of it.
  public var slice: String?
  /// How often the failed task was tried.
  public var attempts: Int?
  /// Microseconds of processors that its tasks took.
  public var processorTime = 0
  /// Frames that could not be decoded, of an item that is done all the same.
  public var corruptFrames = 0
  /// Which versions answer it, where models of its pipeline were being rolled out when it was begun; stays through every retry.
  public var route: ItemRoute?

  /// What is done of it by its pieces while it is worked at, in millionths; the merge is one more.
  public var share: Int { state == .cut ? piecesDone * (1_000_000 / (pieces + 1)) : 0 }

  /// Waits again, as a new one; what the last try still brings is refused by the generation.
  public mutating func retry() {
    state = .waiting
    generation += 1
    (plan, frames, pieces, piecesDone, losses) = (nil, nil, 0, 0, 0)
    (reason, code, slice, attempts) = (nil, nil, nil, nil)
  }

  public init(job: ULID, number: Int, client: String, asset: ULID, pipeline: Int) {
    (self.job, self.number, self.client, self.asset, self.pipeline) = (job, number, client, asset, pipeline)
  }

  /// By which its plan and the index of its frames are needed while it is worked at.
  public var references: [ItemKey] {
    [(plan, "plan"), (frames, "frames")].compactMap { (object, use) in
      object.map {
        LibraryKeys.reference($0, by: job, CompositeKey.joined("\(number)", "\(generation)", use))
      }
    }
  }

  private enum Key: String, CaseIterable {
    case job, number, owner, of, under, state, generation, plan, frames, pieces, finished, whole, reason, code, slice
    case attempts, processor, losses, corrupt, route
  }

  /// The body of its item.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 512) { json in
      write(into: &json)
      if let route { json.object("route", route.write) }
    }
  }

  /// The members of its JSON on every surface; which versions answered it is said by its analysis.
  public func write(into json: inout JSONWriter) {
    json.field("job", job.text)
    json.field("number", number)
    json.field("owner", client)
    json.field("of", asset.text)
    json.field("under", pipeline)
    json.field("state", state.rawValue)
    json.field("generation", generation)
    json.field("plan", ifKnown: plan)
    json.field("frames", ifKnown: frames)
    json.field("pieces", pieces)
    json.field("finished", piecesDone)
    if isWhole { json.field("whole", true) }
    if losses > 0 { json.field("losses", losses) }
    json.field("reason", ifKnown: reason)
    json.field("code", ifKnown: code)
    json.field("slice", ifKnown: slice)
    json.field("attempts", ifKnown: attempts)
    json.field("processor", processorTime)
    if corruptFrames > 0 { json.field("corrupt", corruptFrames) }
  }

  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self, others: .ignored)
    let (job, asset) = (try fields.required(.job), try fields.required(.of))
    guard let id = ULID(try job.string()) else { throw job.fault("this is no job's id") }
    guard let of = ULID(try asset.string()) else { throw asset.fault("this is no asset's id") }
    self.init(
      job: id, number: try fields.required(.number).integer(in: 0 ... .max),
      client: try fields.required(.owner).string(), asset: of,
      pipeline: try fields.required(.under).integer(in: 0 ... .max))
    state = try fields.required(.state).choice()
    generation = try fields.required(.generation).integer(in: 1 ... .max)
    (plan, frames) = (try fields[.plan]?.string(), try fields[.frames]?.string())
    pieces = try fields.required(.pieces).integer(in: 0 ... .max)
    piecesDone = try fields.required(.finished).integer(in: 0 ... .max)
    isWhole = try fields[.whole]?.bool() ?? false
    losses = try fields[.losses]?.integer(in: 0 ... .max) ?? 0
    (reason, code, slice) = (try fields[.reason]?.string(), try fields[.code]?.string(), try fields[.slice]?.string())
    attempts = try fields[.attempts]?.integer(in: 0 ... .max)
    processorTime = try fields.required(.processor).integer(in: 0 ... .max)
    corruptFrames = try fields[.corrupt]?.integer(in: 0 ... .max) ?? 0
    route = try fields[.route].map { (value) throws(Fault) in try ItemRoute(value) }
  }
}
