internal import Base
internal import COpenVINO

/// One inference after the other on one copy of a compiled network, with inputs that are lent to it.
///
/// It runs on the thread that asks for it, which spares the engine's own threads and the way there and back: see
/// `docs/decisions/one-thread-a-copy.md`. Used by one thread at a time.
@safe
final class InferenceSlot: @unchecked Sendable {
  private let network: CompiledNetwork
  private let slot: Handle
  /// For inputs that lie apart: made when first needed.
  private var own: [InputTensor] = []
  /// Views of inputs that are not ours, by where they are: a place that is used again needs no new one.
  private var lent: [Place: Handle] = [:]
  /// What was bound last, input by input.
  private var bound: [Handle] = []
  /// For ``settle()``: made when first needed.
  private var zeros: [InputTensor] = []
  private var views: [OutputTensorView] = []
  /// Our own memory for outputs, in which a run must leave something: `nil` where the engine keeps them.
  private var outputs: [OutputMemory]?
  /// Rows that were bound last; 0 while inputs are being bound.
  private var rows = 0

  private struct Place: Hashable {
    let input: Int
    let address: UInt
    let rows: Int
    /// Where the network leaves a side open.
    let byteCount: Int
  }

  /// Views that are kept; where there are more, all are made anew.
  private static let keptViews = 64

  init(_ network: CompiledNetwork, on copy: Handle) throws(Fault) {
    self.network = network
    do {
      slot = try copy.makeSlot()
      guard !network.hasOpenOutputs, network.outputs.allSatisfy({ !$0.shape.contains(0) }) else { return }
      outputs = try network.outputs.enumerated().map { (index, spec) throws(EngineError) in
        try OutputMemory(spec, index, of: slot)
      }
    } catch { throw error.asBug }
  }

  /// Lets the engine read the inputs where they are; they must live until it has run.
  ///
  /// One for each input of the network; `rows` rows stand one after the other from its beginning, also beyond its end where the memory
  /// goes on.
  func lend(_ inputs: [SharedBytes], rows: Int) throws(Fault) {
    self.rows = 0
    do {
      for (index, bytes) in inputs.enumerated() {
        try bind(try view(of: bytes, input: index, rows: rows), to: index)
      }
    } catch { throw error.asBug }
    self.rows = rows
  }

  private func view(of bytes: SharedBytes, input: Int, rows: Int) throws(EngineError) -> Handle {
    let spec = network.inputs[input]
    let place = Place(
      input: input, address: unsafe UInt(bitPattern: bytes.pointer.baseAddress), rows: rows,
      byteCount: spec.isOpenInside ? bytes.count : 0)
    if let kept = lent[place] { return kept }
    if lent.count >= Self.keptViews { lent.removeAll(keepingCapacity: true) }
    let view = unsafe try InputTensor.view(of: bytes.pointer, as: spec, rows: rows)
    lent[place] = view
    return view
  }

  /// Brings `rows` rows together that lie apart: `fill` writes each of them into its place of each input's tensor.
  func gather(_ rows: Int, fill: ([InputTensor]) -> Void) throws(Fault) {
    self.rows = 0
    if own.isEmpty { own = network.inputs.map { InputTensor($0, batch: network.batch) } }
    fill(own)
    do {
      for (index, tensor) in own.enumerated() { try bind(try tensor.view(rows: rows), to: index) }
    } catch { throw error.asBug }
    self.rows = rows
  }

  private func bind(_ view: Handle, to input: Int) throws(EngineError) {
    try unsafe check(
      "ov_infer_request_set_input_tensor_by_index",
      ov_infer_request_set_input_tensor_by_index(slot.raw, input, view.raw))
    if input < bound.count { bound[input] = view } else { bound.append(view) }
  }

  /// Runs what was bound, and gives what came out; valid until the next run.
  func run() throws(Fault) -> BatchOutputs {
    let rows = rows
    precondition(rows > 0, "a slot is run before its inputs are bound")
    do {
      try infer()
      // The engine may put outputs of open shape elsewhere each time; fixed ones stay.
      if views.isEmpty || network.hasOpenOutputs {
        views = try network.outputs.enumerated().map { (index, spec) throws(EngineError) in
          try OutputTensorView(of: slot, index, spec, inRows: network.batch > 1)
        }
      }
    } catch {
      settle()
      throw Fault(.unavailable, "the inference failed", cause: error.words)
    }
    if network.batch > 1, let mixed = views.first(where: { $0.rows != rows }) { throw mixed.notInRows(rows) }
    return BatchOutputs(views: views, isInRows: network.batch > 1)
  }

  /// Runs on this thread where that can be trusted, else on the engine's.
  ///
  /// With one thread a copy, the engine (2026.4.1) keeps it for itself when an inference on the caller's thread fails, and leaves what
  /// was there before: see `docs/decisions/one-thread-a-copy.md`. So our outputs carry a mark, and a run that left one is run again in the way
  /// that tells of failures.
  private func infer() throws(EngineError) {
    if let outputs {
      for output in outputs { output.mark() }
      try unsafe check("ov_infer_request_infer", ov_infer_request_infer(slot.raw))
      if !outputs.contains(where: \.isMarked) { return }
      let wanted = bound
      settle()
      for (index, view) in wanted.enumerated() { try bind(view, to: index) }
    }
    try inferAside()
  }

  /// On the engine's threads.
  private func inferAside() throws(EngineError) {
    try unsafe check("ov_infer_request_start_async", ov_infer_request_start_async(slot.raw))
    try unsafe check("ov_infer_request_wait", ov_infer_request_wait(slot.raw))
  }

  /// Runs zeros, so that a failed inference leaves nothing behind in the copy.
  ///
  /// The engine (2026.4.1) notes which shape a Reshape is asked for before it looks whether that fits: asked for the same once more,
  /// it finds nothing new, and answers in the shape of the inference before. Zeros are what networks are warmed up with, so they run.
  private func settle() {
    rows = 0
    if zeros.isEmpty { zeros = network.inputs.map { InputTensor($0, batch: 1) } }
    do {
      for (index, tensor) in zeros.enumerated() { try bind(try tensor.view(rows: 1), to: index) }
      try inferAside()
    } catch {}  // a copy that cannot run zeros tells of it with whatever comes next
  }
}

/// Memory of one output, whose first bytes tell whether it was written.
@safe
private struct OutputMemory {
  private let bytes: UnsafeMutableRawBufferPointer
  /// What keeps the memory.
  private let memory: AlignedMemory
  private let tensor: Handle
  /// Bytes that carry the mark.
  private let width: Int

  /// A value that networks do not answer with: not a number of an odd kind, or a large odd integer.
  ///
  /// Where one does all the same, as a few bytes may, the run is done again.
  private static let pattern: UInt8 = 0xfd
  private static let mostMarked = 16

  init(_ spec: TensorSpec, _ index: Int, of slot: Handle) throws(EngineError) {
    let count = spec.shape.reduce(spec.element.byteCount) { $0 * ($1 ?? 1) }
    width = min(count, Self.mostMarked)
    memory = AlignedMemory(count)
    unsafe bytes = memory.bytes
    tensor = unsafe try InputTensor.view(of: UnsafeRawBufferPointer(bytes), as: spec, rows: 1)
    try unsafe check(
      "ov_infer_request_set_output_tensor_by_index",
      ov_infer_request_set_output_tensor_by_index(slot.raw, index, tensor.raw))
  }

  func mark() { for place in 0..<width { unsafe bytes[place] = Self.pattern } }

  var isMarked: Bool { (0..<width).allSatisfy { unsafe bytes[$0] == Self.pattern } }
}

extension Handle {
  /// A place in a compiled copy for one inference after the other.
  func makeSlot() throws(EngineError) -> Handle {
    var made: OpaquePointer?
    try unsafe check("ov_compiled_model_create_infer_request", ov_compiled_model_create_infer_request(raw, &made))
    return unsafe Handle(made!, free: ov_infer_request_free)
  }
}
