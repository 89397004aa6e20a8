public import Base

extension Engine {
  /// Compiles a network for an engine and holds its answers against those of the network's own runtime, whatever comes of it.
  ///
  /// Nothing is kept and nothing that was kept is looked at. `inputs` are rows, each with the bytes of every input of the network; `nil`
  /// takes those with which networks are checked when they are loaded. `read` also says in the options what the input is made of.
  ///
  /// - Throws: where the engine does not run it.
  public func compare(
    with options: CompileOptions, inputs: [[[UInt8]]]? = nil,
    read: (inout CompileOptions) throws(Fault) -> Network
  ) throws(Fault) -> NetworkCheck {
    var options = options
    let network = try read(&options)
    let own = network.own
    let compiled = try CompiledNetwork(network, with: options, on: self)
    return CheckRun(compiled, own, options, on: self, probes: inputs, triesAll: true).result()
  }
}
