internal import Base
internal import Inference
internal import Isolation
internal import Loading

/// What a child answers.
///
/// In the parent nothing in it is believed: sizes, counts and numbers are checked as they are read.
enum Answer {
  /// The version was read, compiled and run, took so much, and all of it was let go.
  case passed(NetworkNeed)
  /// It is loaded and takes this.
  case loaded(NetworkFacts)
  case shared
  /// Outputs stand in the shared memory.
  case ran([Output])
  case failed(Fault)
  /// To a probe: what was possible.
  case openDoors([String])
  /// Of a trial that goes on: its answers are compared from now on.
  case comparing

  /// One output of a batch: its sides, and its bytes in the shared memory.
  struct Output: Hashable {
    var sides: [Int]
    var place: Range<Int>
  }

  private enum Kind: UInt8 { case passed = 1, loaded, shared, ran, failed, openDoors, comparing }

  var message: Message {
    var fields = FieldWriter()
    let kind: Kind
    switch self {
    case .passed(let need):
      kind = .passed
      for number in [need.bytes, need.loadingBytes] { fields.add(number) }
      fields.add(need.seconds) { $0.add(Int(($1 * 1e6).rounded())) }
    case .loaded(let facts):
      kind = .loaded
      facts.write(&fields)
    case .shared: kind = .shared
    case .comparing: kind = .comparing
    case .ran(let outputs):
      kind = .ran
      fields.add(list: outputs) { fields, output in
        fields.add(list: output.sides) { $0.add($1) }
        fields.add(output.place.lowerBound)
        fields.add(output.place.count)
      }
    case .failed(let fault):
      kind = .failed
      fields.add(fault)
    case .openDoors(let doors):
      kind = .openDoors
      fields.add(list: doors) { $0.add($1) }
    }
    return Message(kind: kind.rawValue, bytes: fields.bytes)
  }

  init(_ message: Message) throws(Fault) {
    var fields = FieldReader(message.bytes)
    switch Kind(rawValue: message.kind) {
    case .passed:
      let number = { (fields: inout FieldReader) throws(Fault) in try fields.integer(in: 0...1 << 50) }
      let (bytes, loading) = (try number(&fields), try number(&fields))
      let time = try fields.optional(number)
      self = .passed(NetworkNeed(bytes: bytes, loadingBytes: loading, seconds: time.map { Double($0) / 1e6 }))
    case .loaded: self = .loaded(try NetworkFacts(&fields))
    case .shared: self = .shared
    case .comparing: self = .comparing
    case .ran:
      self = .ran(
        try fields.list(upTo: NetworkFacts.mostPorts) { (fields) throws(Fault) in
          let sides = try fields.list(upTo: NetworkFacts.mostSides) { (fields) throws(Fault) in
            try fields.integer(in: 0...1 << 40)
          }
          let start = try fields.integer(in: 0...1 << 40)
          return Output(sides: sides, place: start..<start + (try fields.integer(in: 0...1 << 40)))
        })
    case .failed: self = .failed(try fields.fault())
    case .openDoors: self = .openDoors(try fields.list(upTo: 64) { (fields) throws(Fault) in try fields.text() })
    case nil: throw FieldReader.nonsense
    }
    try fields.end()
  }
}

/// What is to be known of a network that runs in another process.
struct NetworkFacts: Hashable {
  static let mostPorts = 512
  static let mostSides = 32

  var inputs: [TensorSpec]
  var outputs: [TensorSpec]
  var batch: Int
  var precision: String
  /// Who runs it.
  var engine: String
  var runtime = EngineChoice.openvino
  /// What its callers should know of it.
  var notes: [String] = []
  var check: NetworkCheck?
  /// How long a side of an input may be that is open behind the first; `nil` where none is.
  var longestSide: Int?

  func write(_ fields: inout FieldWriter) {
    for ports in [inputs, outputs] {
      fields.add(list: ports) { fields, spec in
        fields.add(spec.name)
        fields.add(spec.element.rawValue)
        fields.add(list: spec.shape) { fields, side in fields.add(side) { $0.add($1) } }
      }
    }
    fields.add(batch)
    fields.add(precision)
    fields.add(engine)
    fields.add(runtime.rawValue)
    fields.add(list: notes) { $0.add($1) }
    fields.add(check) { fields, check in fields.add(list: check.fields) { $0.add($1) } }
    fields.add(longestSide) { $0.add($1) }
  }
}

extension NetworkFacts {
  init(_ fields: inout FieldReader) throws(Fault) {
    inputs = try Self.ports(&fields)
    outputs = try Self.ports(&fields)
    batch = try fields.integer(in: 1...1 << 16)
    precision = try fields.text()
    engine = try fields.text()
    guard let runtime = EngineChoice(rawValue: try fields.text()) else { throw FieldReader.nonsense }
    self.runtime = runtime
    notes = try fields.list(upTo: Self.mostPorts) { (fields) throws(Fault) in try fields.text() }
    check = try fields.optional { (fields) throws(Fault) in
      let list = try fields.list(upTo: 16) { (fields) throws(Fault) in try fields.text() }
      guard let check = NetworkCheck(fields: list) else { throw FieldReader.nonsense }
      return check
    }
    longestSide = try fields.optional { (fields) throws(Fault) in try fields.integer(in: 1...1 << 20) }
  }

  private static func ports(_ fields: inout FieldReader) throws(Fault) -> [TensorSpec] {
    try fields.list(upTo: mostPorts) { (fields) throws(Fault) in
      let name = try fields.text()
      guard let element = ElementType(rawValue: try fields.text()) else { throw FieldReader.nonsense }
      let shape = try fields.list(upTo: mostSides) { (fields) throws(Fault) in
        try fields.optional { (fields) throws(Fault) in try fields.integer(in: 0...1 << 32) }
      }
      return TensorSpec(name: name, shape: shape, element: element)
    }
  }
}
