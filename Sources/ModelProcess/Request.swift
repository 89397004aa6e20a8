internal import Base
internal import Isolation

/// What the parent asks of its child; each has one answer.
enum Request {
  /// The first message: load the version, run it and let it go again.
  case tryOut(ModelOrder, Terms)
  /// The first message, where it is to stay and answer.
  case load(ModelOrder, Terms)
  /// The first message of a test: try what the sandbox should refuse.
  case probe(ModelOrder, Terms)
  /// With it comes the shared memory: where a batch's inputs stand, and where outputs are put.
  case share(MemoryPlan)
  /// So many rows stand at the inputs' places, in so many bytes of each.
  case run(rows: Int, byteCounts: [Int])

  /// Under what a child works.
  struct Terms {
    /// The process that it ends with.
    var parent: Int
    /// Bytes of private memory beyond what it has at its start.
    var memory: Int
  }

  private enum Kind: UInt8 { case tryOut = 1, load, share, run, probe }

  var message: Message {
    var fields = FieldWriter()
    let kind: Kind
    switch self {
    case .tryOut(let order, let terms):
      kind = .tryOut
      order.write(&fields)
      terms.write(&fields)
    case .load(let order, let terms):
      kind = .load
      order.write(&fields)
      terms.write(&fields)
    case .probe(let order, let terms):
      kind = .probe
      order.write(&fields)
      terms.write(&fields)
    case .share(let plan):
      kind = .share
      plan.write(&fields)
    case .run(let rows, let byteCounts):
      kind = .run
      fields.add(rows)
      fields.add(list: byteCounts) { $0.add($1) }
    }
    return Message(kind: kind.rawValue, bytes: fields.bytes)
  }

  init(_ message: Message) throws(Fault) {
    var fields = FieldReader(message.bytes)
    switch Kind(rawValue: message.kind) {
    case .tryOut: self = .tryOut(try ModelOrder(&fields), try Terms(&fields))
    case .load: self = .load(try ModelOrder(&fields), try Terms(&fields))
    case .probe: self = .probe(try ModelOrder(&fields), try Terms(&fields))
    case .share: self = .share(try MemoryPlan(&fields))
    case .run:
      let rows = try fields.integer(in: 1...1 << 20)
      self = .run(
        rows: rows,
        byteCounts: try fields.list(upTo: NetworkFacts.mostPorts) { (fields) throws(Fault) in
          try fields.integer(in: 0...1 << 40)
        })
    case nil: throw FieldReader.nonsense
    }
    try fields.end()
  }
}

extension Request.Terms {
  func write(_ fields: inout FieldWriter) {
    fields.add(parent)
    fields.add(memory)
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    self.init(parent: try fields.integer(), memory: try fields.integer(in: 0...1 << 48))
  }
}
