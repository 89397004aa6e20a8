public import Base

extension Engine {
  /// Compiles a network for an engine and holds its answers against those of the network's own runtime, whatever comes of it.
  ///
  /// Nothing is kept and nothing that was kept is looked at. `inputs` are rows, each with the bytes of every input of the network; `nil`
  /// takes those with which networks are checked when they are loaded.
  ///
  /// - Throws: where the engine does not run it.
  public func compare(
    _ path: String, with options: CompileOptions, inputs: [[[UInt8]]]? = nil
  ) throws(Fault) -> NetworkCheck {
    let network = try read(path, by: options.engine)
    let own = network.own
    let compiled = try CompiledNetwork(network, with: options, on: self)
    return CheckRun(compiled, own, options, on: self, probes: inputs, triesAll: true).result()
  }
}
