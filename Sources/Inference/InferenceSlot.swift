public import Base
internal import COpenVINO

/// One inference after the other on one copy of a compiled network, with inputs that are lent to it.
///
/// It runs on the thread that asks for it, which spares the engine's own threads and the way there and back: see
/// `docs/decisions/one-thread-a-copy.md`. Used by one thread at a time.
@safe
public final class InferenceSlot: @unchecked Sendable {
  private let network: CompiledNetwork
  private let slot: Handle
  /// For inputs that lie apart: made when first needed.
  private var own: [InputTensor] = []
  /// Inputs that are not ours, kept for the engine until the next ones are bound.
  private var lent: [Handle] = []
  private var views: [OutputTensorView] = []
  /// Rows that were bound last; 0 while inputs are being bound.
  private var rows = 0

  public init(_ network: CompiledNetwork, copy: Int) throws(Fault) {
    self.network = network
    do { slot = try network.copies[copy].makeSlot() } catch { throw error.asBug }
  }

  /// Lets the engine read the inputs where they are; they must live until it has run.
  ///
  /// One for each input of the network, each with `rows` rows one after the other.
  public func lend(_ inputs: [LentBytes], rows: Int) throws(Fault) {
    self.rows = 0
    do {
      lent = try inputs.enumerated().map { (index, bytes) throws(EngineError) in
        let view = unsafe try InputTensor.view(of: bytes.pointer, as: network.inputs[index], rows: rows)
        try unsafe check(
          "ov_infer_request_set_input_tensor_by_index",
          ov_infer_request_set_input_tensor_by_index(slot.raw, index, view.raw))
        return view
      }
    } catch { throw error.asBug }
    self.rows = rows
  }

  /// Brings rows together that lie apart: each of `rows` has one entry for each input.
  public func gather(_ rows: [[LentBytes]]) throws(Fault) {
    self.rows = 0
    if own.isEmpty { own = network.inputs.map { InputTensor($0, batch: network.batch) } }
    do {
      for (index, tensor) in own.enumerated() {
        for (place, inputs) in rows.enumerated() { tensor.write(place, inputs[index]) }
        try tensor.bind(rows.count, to: slot, at: index)
      }
    } catch { throw error.asBug }
    (self.rows, lent) = (rows.count, [])
  }

  /// Runs what was bound, and gives what came out, one for each row; valid until the next run.
  public func run() throws(Fault) -> [Outputs] {
    precondition(rows > 0, "a slot is run before its inputs are bound")
    do {
      try unsafe check("ov_infer_request_infer", ov_infer_request_infer(slot.raw))
      if views.isEmpty || network.outputs.contains(where: \.isDynamic) {
        views = try network.outputs.enumerated().map { (index, spec) throws(EngineError) in
          try OutputTensorView(of: slot, index, spec, inRows: network.batch > 1)
        }
      }
    } catch {
      throw Fault(.unavailable, "the inference failed", cause: error.words)
    }
    if network.batch > 1, let mixed = views.first(where: { $0.rows != rows }) {
      throw Fault(
        .unsupported,
        """
        output '\(mixed.spec.name)' gave \(mixed.rows) rows for \(rows) inputs, so nobody knows whose they are: \
        run this network with batch 1
        """)
    }
    return (0..<rows).map { Outputs(views: views, place: network.batch > 1 ? $0 : 0) }
  }
}
