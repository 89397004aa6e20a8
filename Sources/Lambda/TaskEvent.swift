public import Base
internal import JSON

/// What the function that does tasks is asked for.
///
///     {"do": "plan", "job": "01M8…", "item": 12}                 answered by {"pieces": [0, 1, …], "last": N}
///     {"do": "run", "job": "01M8…", "item": 12, "number": 0}     answered by {}
///     {"do": "work"}                                             answered by {"left": N}
public enum TaskEvent: Sendable, Hashable {
  /// Cut an item of a job, and tell what tasks it is.
  case plan(job: String, item: Int)
  /// Do one of them.
  case run(job: String, item: Int, number: Int)
  /// Do what the bus hands out, until there is nothing or the time is over.
  case work

  private enum Key: String, CaseIterable { case `do`, job, item, number }
  private enum Word: String, CaseIterable { case plan, run, work }

  /// Numbers may be texts that are numbers, as state machines make them of paths.
  ///
  /// - Throws: `badInput` for anything else, which names the place.
  public init(json bytes: [UInt8]) throws(Fault) {
    let fields = try JSONDocument(parsing: bytes.span.bytes, name: "the event").root.fields(Key.self)
    let word: Word = try fields.required(.do).choice()
    if word == .work {
      for key in [Key.job, .item, .number] {
        if let value = fields[key] { throw value.fault("'work' is not about one job: leave '\(key.rawValue)' out") }
      }
      self = .work
      return
    }
    let (named, item) = (try fields.required(.job), try Self.number(try fields.required(.item)))
    let job = try named.string()
    guard !job.isEmpty, job.utf8.count <= 64, job.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
    else { throw named.fault("this is no id of a job") }
    switch word {
    case .run:
      self = .run(job: job, item: item, number: try Self.number(try fields.required(.number)))
    default:
      if let value = fields[.number] { throw value.fault("a plan is of a whole item: leave 'number' out") }
      self = .plan(job: job, item: item)
    }
  }

  private static func number(_ value: JSONValue) throws(Fault) -> Int {
    guard value.kind == .string else { return try value.integer(in: 0...(1 << 53)) }
    let text = try value.string()
    guard let number = Int(text), number >= 0, "\(number)".utf8.elementsEqual(text.utf8) else {
      throw value.fault("'\(text.prefix(40))' is no number of an item or a task: 0, 1, …")
    }
    return number
  }

  /// The same members, for a log.
  public func write(into json: inout JSONWriter) {
    switch self {
    case .plan(let job, let item):
      json.field("do", Word.plan.rawValue)
      json.field("job", job)
      json.field("item", item)
    case .run(let job, let item, let number):
      json.field("do", Word.run.rawValue)
      json.field("job", job)
      json.field("item", item)
      json.field("number", number)
    case .work: json.field("do", Word.work.rawValue)
    }
  }

  /// What this answers a caller with that asked for a plan of so many tasks.
  public static func answer(tasks count: Int) -> [UInt8] {
    JSONWriter.object { json in
      json.array("pieces") { json in for piece in 0..<max(0, count - 1) { json.integer(piece) } }
      json.field("last", max(0, count - 1))
    }
  }
}
