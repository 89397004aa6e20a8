internal import Base
internal import COpenVINO

/// One batch tensor for each input, and the engine's slots that run them, one in each compiled copy.
///
/// Used by one owner at a time: callers while it is filled (each its own place), the engine while it runs, the answering
/// thread after that. The batcher hands it on.
@safe
final class Request: @unchecked Sendable {
  /// Who gets an answer.
  ///
  /// Wrapped, because a closure alone in an optional or a list is boxed anew each time it is put there.
  struct Asker: Sendable {
    let done: @Sendable (Result<Outputs, Fault>) -> Void
  }

  /// Who gets the answer of each place; `nil` for a place left empty.
  var askers: [Asker?]
  let network: CompiledNetwork
  /// That of the first copy is there from the start; the others are made when their copy first runs this request.
  private var slots: [Handle?]
  /// The copy that runs it, or ran it last.
  private(set) var copy = 0
  /// The engine reads it at each call back, so it lives as long as the slot.
  private let callback = UnsafeMutablePointer<ov_callback_t>.allocate(capacity: 1)
  private let inputs: [InputTensor]
  private var views: [[OutputTensorView]]
  private var failure: Fault?
  private let onEnd: @Sendable () -> Void
  /// Places that the slot of each copy was last bound to.
  private var bound: [Int]

  init(of network: CompiledNetwork, onEnd: @escaping @Sendable () -> Void) throws(Fault) {
    self.network = network
    self.onEnd = onEnd
    askers = Array(repeating: nil, count: network.batch)
    bound = Array(repeating: 0, count: network.streams)
    views = Array(repeating: [], count: network.streams)
    slots = Array(repeating: nil, count: network.streams)
    inputs = network.inputs.map { InputTensor($0, batch: network.batch) }
    unsafe callback.initialize(
      to: ov_callback_t(callback_func: requestEnded, args: Unmanaged.passUnretained(self).toOpaque()))
    do { _ = try slot() } catch { throw error.asBug }
  }

  deinit { unsafe callback.deallocate() }

  func write(place: Int, input: Int, _ body: (inout MutableRawSpan) throws(Fault) -> Void) throws(Fault) {
    try inputs[input].write(place, body)
  }

  /// Starts the first `count` places; `false` when the engine refuses, and then nobody calls back.
  func start(count: Int, on copy: Int) -> Bool {
    self.copy = copy
    do {
      let slot = try slot()
      if count != bound[copy] {
        bound[copy] = 0  // until every input is bound
        for (index, input) in inputs.enumerated() { try input.bind(count, to: slot, at: index) }
        bound[copy] = count
      }
      try unsafe check("ov_infer_request_start_async", ov_infer_request_start_async(slot.raw))
      return true
    } catch {
      failure = Fault(.unavailable, "the inference did not start", cause: error.words)
      return false
    }
  }

  /// The slot in the copy that runs it.
  private func slot() throws(EngineError) -> Handle {
    if let slot = slots[copy] { return slot }
    let slot = try network.copies[copy].makeSlot()
    try unsafe check("ov_infer_request_set_callback", ov_infer_request_set_callback(slot.raw, callback))
    slots[copy] = slot
    return slot
  }

  fileprivate func end() { onEnd() }

  /// Gives each place its answer.
  func answer() {
    if failure == nil { failure = whatFailed() }
    for place in 0..<askers.count {
      guard let asker = askers[place] else { continue }
      askers[place] = nil
      if let failure {
        asker.done(.failure(failure))
      } else {
        asker.done(.success(Outputs(views: views[copy], place: place)))
      }
    }
    failure = nil
  }

  /// Reads the outputs of a batch that ended, or says why there are none.
  private func whatFailed() -> Fault? {
    do {
      // The engine has called back, so this is short. It tells an inference that failed.
      let slot = try slot()
      try unsafe check("ov_infer_request_wait", ov_infer_request_wait(slot.raw))
      try readOutputs(slot)
    } catch {
      return Fault(.unavailable, "the inference failed", cause: error.words)
    }
    guard network.batch > 1, let mixed = views[copy].first(where: { $0.rows != bound[copy] }) else { return nil }
    return Fault(
      .unsupported,
      """
      output '\(mixed.spec.name)' gave \(mixed.rows) rows for \(bound[copy]) inputs, so nobody knows whose they are: \
      run this network with batch 1
      """)
  }

  /// The engine may put outputs of open shape elsewhere each time; fixed ones stay.
  private func readOutputs(_ slot: Handle) throws(EngineError) {
    if !views[copy].isEmpty, !network.outputs.contains(where: \.isDynamic) { return }
    views[copy] = try network.outputs.enumerated().map { (index, spec) throws(EngineError) in
      try OutputTensorView(of: slot, index, spec, inRows: network.batch > 1)
    }
  }
}

extension Handle {
  /// A place in a compiled copy for one inference after the other.
  func makeSlot() throws(EngineError) -> Handle {
    var made: OpaquePointer?
    try unsafe check("ov_compiled_model_create_infer_request", ov_compiled_model_create_infer_request(raw, &made))
    return unsafe Handle(made!, free: ov_infer_request_free)
  }
}

/// Called by the engine, on its own thread, once for each start; the request outlives its slot.
@c private func requestEnded(_ argument: UnsafeMutableRawPointer?) {
  unsafe Unmanaged<Request>.fromOpaque(argument!).takeUnretainedValue().end()
}
