public import Base
internal import COpenVINO

extension CompiledNetwork {
  /// Makes all copies and runs every batch size once in each, so that no later inference is the first of its kind.
  ///
  /// The engine makes its plans for a shape when it first meets it. Inputs are zeros; copies run side by side. Above 16
  /// inputs only powers of two and the whole batch are run: every size of a batch of 256 would be 32,896 inferences.
  public func warmUp() throws(Fault) {
    while addCopy() != nil {}
    let tensors = inputs.map { InputTensor($0, batch: batch) }
    do {
      let slots = try copies.map { (copy) throws(EngineError) in try copy.makeSlot() }
      for count in 1...batch where count <= 16 || count == batch || count & (count - 1) == 0 {
        for slot in slots {
          for (index, tensor) in tensors.enumerated() { try tensor.bind(count, to: slot, at: index) }
          try unsafe check("ov_infer_request_start_async", ov_infer_request_start_async(slot.raw))
        }
        for slot in slots { try unsafe check("ov_infer_request_wait", ov_infer_request_wait(slot.raw)) }
      }
    } catch {
      throw Fault(.unsupported, "the network compiles and does not run: its first inference failed", cause: error.words)
    }
  }
}
