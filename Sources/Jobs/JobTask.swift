internal import Base
internal import Catalog
internal import JSON

/// What a task of the bus asks a worker to do, by reference.
struct JobTask: Sendable, Hashable {
  enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Writes down the items of a job.
    case list
    /// Looks at an item as a whole, or cuts it.
    case item
    /// Looks at one piece of an item that was cut.
    case piece
    /// Makes one analysis of the pieces.
    case merge
    /// Settles what is left of a job that was cancelled.
    case cancel
    /// Calls the address that waits for the end of a job.
    case notify
  }

  let kind: Kind
  let job: ULID
  /// The item; for others than items and what they are made of, the job's round.
  var number = 0
  var generation = 0
  var piece = 0
  /// Of a piece or a merge: how often answers about the item's pieces were lost before.
  var losses = 0

  /// What no other task is called; one that is added twice is done once.
  var key: String {
    "\(kind.rawValue)#\(job)#\(number)#\(generation)#\(piece)" + (losses > 0 ? "#\(losses)" : "")
  }

  /// What is begun is ended before something new is begun, and items are written down before they are worked at.
  func priority(in job: Job) -> Int {
    let place = Job.Priority.allCases.firstIndex(of: job.priority) ?? 0
    return place * 3 + (kind == .item ? 0 : kind == .piece ? 1 : 2)
  }

  private enum Key: String, CaseIterable { case kind, job, number, generation, piece, losses }

  var bytes: [UInt8] {
    JSONWriter.object(capacity: 160) { json in
      json.field("kind", kind.rawValue)
      json.field("job", job.text)
      json.field("number", number)
      json.field("generation", generation)
      json.field("piece", piece)
      if losses > 0 { json.field("losses", losses) }
    }
  }

  init(_ kind: Kind, _ job: ULID, number: Int = 0, generation: Int = 0, piece: Int = 0) {
    (self.kind, self.job, self.number, self.generation, self.piece) = (kind, job, number, generation, piece)
  }

  /// A task of an item that was cut.
  init(_ kind: Kind, of item: JobItem, piece: Int = 0) {
    self.init(kind, item.job, number: item.number, generation: item.generation, piece: piece)
    losses = item.losses
  }

  init(_ bytes: [UInt8]) throws(Fault) {
    let fields = try JSONDocument(parsing: bytes.span.bytes, name: "a task").root.fields(Key.self)
    let job = try fields.required(.job)
    guard let id = ULID(try job.string()) else { throw job.fault("this is no job's id") }
    self.init(
      try fields.required(.kind).choice(), id, number: try fields.required(.number).integer(in: 0 ... .max),
      generation: try fields.required(.generation).integer(in: 0 ... .max),
      piece: try fields.required(.piece).integer(in: 0 ... .max))
    losses = try fields[.losses]?.integer(in: 0 ... .max) ?? 0
  }
}
