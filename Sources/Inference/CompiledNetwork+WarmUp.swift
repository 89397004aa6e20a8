public import Base
internal import COpenVINO

extension CompiledNetwork {
  /// Makes all copies and runs every batch size once in each, so that no later inference is the first of its kind.
  public func warmUp() throws(Fault) {
    while addCopy() != nil {}
    try warmUpReady()
  }

  /// The same for the copies that are there, side by side.
  public func warmUpReady() throws(Fault) {
    switch copies {
    case .compiled(let copies):
      try warmUp(copies.ready)
      // By now the engine has put the weights into an order of its own.
      if readyCopies == streams { copies.file?.dropPages() }
    case .elsewhere(let runners): for runner in runners { try warmUp(runner) }
    case .several(let networks): for network in networks { try network.warmUpReady() }
    }
  }

  /// Seconds of a processor that one inference takes here, while nothing else is at work in this process; `nil` where several inputs go together, or where
  /// it cannot be told.
  ///
  /// The middle one of some: on a machine that does other things too, one alone may be half as much again. Takes a second of a processor, or one round.
  public func processorSeconds() -> Double? {
    guard batch == 1 else { return nil }
    let copies = Double(max(1, readyCopies))
    var rounds: [Double] = []
    while rounds.count < 9, rounds.reduce(0, +) * copies < 1 {
      let before = Clock.processorTime
      guard (try? warmUpReady()) != nil else { return nil }
      rounds.append(Double(Clock.processorTime - before) / 1e9 / copies)
    }
    let middle = rounds.sorted()[rounds.count / 2]
    return middle > 0 ? middle : nil
  }

  /// Warms one copy up.
  func warmUp(copy: Int) throws(Fault) {
    switch copies {
    case .compiled(let copies):
      try warmUp([copies.ready[copy]])
      if readyCopies == streams { copies.file?.dropPages() }
    case .elsewhere(let runners): try warmUp(runners[copy])
    case .several:
      let (network, own) = place(of: copy)
      try network.warmUp(copy: own)
    }
  }

  /// Sizes of batches that are run: above 16 inputs only powers of two and the whole batch, since every size of a batch of 256 would
  /// be 32,896 inferences.
  private var warmSizes: [Int] { (1...batch).filter { $0 <= 16 || $0 == batch || $0 & ($0 - 1) == 0 } }

  private func warmUp(_ runner: any BatchRunner) throws(Fault) {
    let row = inputs.map { spec in
      let fixed = batch == 1 ? (spec.shape.first ?? 1) ?? 1 : 1
      return spec.shape.dropFirst().reduce(fixed * spec.element.byteCount) { $0 * ($1 ?? 1) }
    }
    do throws(Fault) {
      for count in warmSizes {
        _ = try runner.run([row.map { AlignedMemory($0 * count)[0..<$0 * count] }], rows: count)
      }
    } catch { throw Self.doesNotRun(error.cause) }
  }

  private static func doesNotRun(_ words: String?) -> Fault {
    Fault(.unsupported, "the network compiles and does not run: its first inference failed", cause: words)
  }

  /// The engine makes its plans for a shape when it first meets it.
  ///
  /// Inputs are zeros.
  private func warmUp(_ copies: [Handle]) throws(Fault) {
    let tensors = inputs.map { InputTensor($0, batch: batch) }
    do {
      let slots = try copies.map { (copy) throws(EngineError) in try copy.makeSlot() }
      for count in warmSizes {
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
    } catch { throw Self.doesNotRun(error.words) }
  }
}
