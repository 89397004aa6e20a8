public import Base

/// A compiled network that runs in another place, one batch after the other: a port.
///
/// A unit asks it from one thread.
public protocol RemoteNetwork: AnyObject, Sendable {
  var inputs: [TensorSpec] { get }
  var outputs: [TensorSpec] { get }
  /// Rows in one batch, at most.
  var batch: Int { get }

  /// Runs a batch of `rows` rows: each portion has some of them, for each input of the network.
  ///
  /// What comes out, one for each output of the network, is valid until the next run.
  func run(_ portions: [[SharedBytes]], rows: Int) throws(Fault) -> [RemoteOutput]
}

/// One output of a batch.
public struct RemoteOutput: Sendable {
  /// Of the whole batch.
  public let sides: [Int]
  /// As many as the sides and the element's type say.
  public let bytes: SharedBytes

  public init(sides: [Int], bytes: SharedBytes) { (self.sides, self.bytes) = (sides, bytes) }
}

extension BatchOutputs {
  /// Of a batch that ran elsewhere.
  ///
  /// - Throws: `unsupported` where an output has another number of rows than the batch.
  init(_ outputs: [RemoteOutput], of network: any RemoteNetwork, rows: Int) throws(Fault) {
    let isInRows = network.batch > 1
    let views = zip(network.outputs, outputs).map { OutputTensorView($1, $0, inRows: isInRows) }
    if isInRows, let mixed = views.first(where: { $0.rows != rows }) { throw mixed.notInRows(rows) }
    self.init(views: views, isInRows: isInRows)
  }
}
