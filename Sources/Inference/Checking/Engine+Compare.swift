public import Base

extension Engine {
  /// Comparisons of a network that may end with their process, before it is used unchecked: a machine that was switched off has one more.
  public static let comparisons = 2

  /// Compiles a network for an engine and holds its answers against those of the network's own runtime, whatever comes of it.
  ///
  /// Nothing is kept and nothing that was kept is looked at. `probes` `nil` takes those with which networks are checked when they are
  /// loaded. `read` also says in the options what the input is made of.
  ///
  /// - Throws: where the engine does not run it.
  public func compare(
    with options: CompileOptions, probes: Probes? = nil,
    read: (inout CompileOptions) throws(Fault) -> Network
  ) throws(Fault) -> NetworkCheck {
    var options = options
    let network = try read(&options)
    let own = network.own
    let compiled = try CompiledNetwork(network, with: options, on: self)
    return CheckRun(compiled, own, options, on: self, probes: probes, triesAll: true).result()
  }
}

/// Inputs that a network is tried with, each made or read when it is wanted.
public struct Probes: Sendable {
  let count: Int
  let row: @Sendable (Int) throws(Fault) -> [[UInt8]]

  /// `row` gives the bytes of every input of the network, for each number below `count`; it may throw `closed` where no more are wanted.
  public init(_ count: Int, row: @escaping @Sendable (Int) throws(Fault) -> [[UInt8]]) {
    (self.count, self.row) = (count, row)
  }
}
