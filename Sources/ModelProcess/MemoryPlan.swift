internal import Base
internal import Isolation

/// Where the tensors of a batch stand in memory that is shared with a model process.
struct MemoryPlan: Hashable {
  /// Of all inputs in order, room for a whole batch each, and for the longest row where their length is open.
  var inputs: [Range<Int>]
  /// Outputs follow each other from its beginning, each on a border of 64 bytes.
  var outputs: Range<Int>

  /// A cache line, and the widest vector register.
  private static let border = 64
  /// For outputs whose size is known only once they are there.
  private static let openOutputs = 32 << 20
  /// The most that a batch may take.
  private static let limit = 4 << 30

  var byteCount: Int { outputs.upperBound }

  /// - Throws: `unsupported` where a batch takes more than 4 GB.
  init(_ facts: NetworkFacts) throws(Fault) {
    var end = 0
    inputs = []
    for spec in facts.inputs {
      let count = try Self.byteCount(spec, batch: facts.batch, longest: facts.longestSide) ?? 0
      inputs.append(end..<end + count)
      end = Self.aligned(end + count)
    }
    var room = 0
    for spec in facts.outputs {
      guard let count = try Self.byteCount(spec, batch: facts.batch) else {
        room = max(room, Self.openOutputs)
        continue
      }
      room += Self.aligned(count)
    }
    outputs = end..<end + max(room, Self.border)
    guard byteCount <= Self.limit else { throw Self.tooLarge }
  }

  private static let tooLarge = Fault(
    .unsupported, "its inputs and outputs are larger than a process of its own can be sent: take a smaller batch")

  /// The next place on a border.
  static func aligned(_ place: Int) -> Int { (place + border - 1) / border * border }

  /// Of a whole batch; `nil` where a side is open beyond the first and it is not known how long it gets.
  private static func byteCount(_ spec: TensorSpec, batch: Int, longest: Int? = nil) throws(Fault) -> Int? {
    var count = spec.element.byteCount
    for (index, side) in spec.shape.enumerated() {
      let open = longest.map { index == 0 ? 1 : $0 }
      guard let side = index == 0 && batch > 1 ? batch : side ?? open else { return nil }
      let (product, overflows) = count.multipliedReportingOverflow(by: side)
      guard !overflows, product <= limit else { throw tooLarge }
      count = product
    }
    return count
  }

  func write(_ fields: inout FieldWriter) {
    fields.add(list: inputs + [outputs]) { fields, part in
      fields.add(part.lowerBound)
      fields.add(part.count)
    }
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    var parts = try fields.list(upTo: NetworkFacts.mostPorts + 1) { (fields) throws(Fault) in
      let start = try fields.integer(in: 0...1 << 40)
      return start..<start + (try fields.integer(in: 0...1 << 40))
    }
    guard let outputs = parts.popLast() else { throw FieldReader.nonsense }
    (inputs, self.outputs) = (parts, outputs)
  }
}
