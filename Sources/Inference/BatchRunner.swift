public import Base

/// What runs one batch after the other, a network in another process or one of another runtime: a port.
///
/// A unit asks it from one thread.
public protocol BatchRunner: AnyObject, Sendable {
  var inputs: [TensorSpec] { get }
  var outputs: [TensorSpec] { get }
  /// Rows in one batch, at most.
  var batch: Int { get }

  /// Runs a batch of `rows` rows: each portion has some of them, for each input of the network.
  ///
  /// What comes out, one for each output of the network, is valid until the next run.
  func run(_ portions: [[SharedBytes]], rows: Int) throws(Fault) -> [BatchOutput]
}

/// One output of a batch.
public struct BatchOutput: Sendable {
  /// Of the whole batch.
  public let sides: [Int]
  /// As many as the sides and the element's type say.
  public let bytes: SharedBytes

  public init(sides: [Int], bytes: SharedBytes) { (self.sides, self.bytes) = (sides, bytes) }
}

extension BatchOutputs {
  /// - Throws: `unsupported` where an output has another number of rows than the batch.
  init(_ outputs: [BatchOutput], of network: any BatchRunner, rows: Int) throws(Fault) {
    let isInRows = network.batch > 1
    let views = zip(network.outputs, outputs).map { OutputTensorView($1, $0, inRows: isInRows) }
    if isInRows, let mixed = views.first(where: { $0.rows != rows }) { throw mixed.notInRows(rows) }
    self.init(views: views, isInRows: isInRows)
  }
}

/// Room for one input of a batch, where rows that came apart are brought together.
@safe
public final class BatchInput: @unchecked Sendable {  // its runner's thread alone writes it, and reads it afterwards
  private let memory: AlignedMemory
  private let byteCount: Int
  private let isAligned: Bool

  /// For at most `byteCount` bytes; with `isAligned` also a single portion is copied, so that it begins on a border of 64 bytes.
  public init(byteCount: Int, isAligned: Bool = false) {
    (memory, self.byteCount, self.isAligned) = (AlignedMemory(byteCount), byteCount, isAligned)
  }

  /// The rows of all portions one after the other: where they are if that is one portion, else copied here until the next call.
  public func gathered(_ portions: [[SharedBytes]], input: Int) throws(Fault) -> SharedBytes {
    if portions.count == 1, !isAligned { return portions[0][input] }
    var place = 0
    for portion in portions {
      let bytes = portion[input]
      guard place + bytes.count <= byteCount else { throw Fault(.bug, "a batch does not fit its network") }
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[place...]).copyMemory(from: bytes.pointer)
      place += bytes.count
    }
    return memory[0..<place]
  }
}
