public import Base
internal import COpenVINO

extension CompiledNetwork {
  /// Makes all copies and runs every batch size once in each, so that no later inference is the first of its kind.
  public func warmUp() throws(Fault) {
    while addCopy() != nil {}
    try warmUpReady()
  }

  /// The same for the copies that are there, side by side.
  public func warmUpReady() throws(Fault) { try warmUp(copies) }

  /// The same for one copy.
  func warmUp(copy: Int) throws(Fault) { try warmUp([copies[copy]]) }

  /// The engine makes its plans for a shape when it first meets it.
  ///
  /// Inputs are zeros. Above 16 inputs only powers of two and the whole batch are run: every size of a batch of 256
  /// would be 32,896 inferences.
  private func warmUp(_ copies: [Handle]) throws(Fault) {
    let tensors = inputs.map { InputTensor($0, batch: batch) }
    do {
      let slots = try copies.map { (copy) throws(EngineError) in try copy.makeSlot() }
      for count in 1...batch where count <= 16 || count == batch || count & (count - 1) == 0 {
        for slot in slots {
          for (index, tensor) in tensors.enumerated() {
            try unsafe check(
              "ov_infer_request_set_input_tensor_by_index",
              ov_infer_request_set_input_tensor_by_index(slot.raw, index, tensor.view(rows: count).raw))
          }
          try unsafe check("ov_infer_request_start_async", ov_infer_request_start_async(slot.raw))
        }
        for slot in slots { try unsafe check("ov_infer_request_wait", ov_infer_request_wait(slot.raw)) }
      }
      // By now the engine has put the weights into an order of its own.
      if readyCopies == streams { file?.dropPages() }
    } catch {
      throw Fault(.unsupported, "the network compiles and does not run: its first inference failed", cause: error.words)
    }
  }
}
