internal import Base
internal import Inference
internal import Isolation

/// The child's work: one batch after the other, from the shared memory and back into it.
final class BatchService {
  private let unit: InferenceUnit
  private let batch: Int
  private let plan: MemoryPlan
  private let memory: SharedMemory

  init(_ network: CompiledNetwork, _ plan: MemoryPlan, _ memory: SharedMemory) throws(Fault) {
    (self.plan, self.memory, batch) = (plan, memory, network.batch)
    guard plan.inputs.count == network.inputs.count else { throw FieldReader.nonsense }
    // The parent's unit looks after time.
    unit = try InferenceUnit(network, limits: InferenceUnit.Limits(queue: max(256, 2 * network.batch), stall: .max))
  }

  func run(_ rows: Int, _ byteCounts: [Int]) throws(Fault) -> [Answer.Output] {
    guard rows <= batch, byteCounts.count == plan.inputs.count,
      zip(plan.inputs, byteCounts).allSatisfy({ $0.count >= $1 })
    else { throw FieldReader.nonsense }
    let inputs = zip(plan.inputs, byteCounts).map { part, count in
      unsafe SharedBytes(memory.bytes(part.lowerBound..<part.lowerBound + count), of: memory)
    }
    let result = Monitor<Result<[Answer.Output], Fault>?>(nil)
    let request = InferenceRequest(inputs, rows: rows, source: "") { [plan, memory] outcome, _ in
      let told: Result<[Answer.Output], Fault> =
        switch outcome {
        case .answered(let outputs): Self.put(outputs, plan, memory)
        case .failed(let fault): .failure(fault)
        case .late, .cancelled, .lost: .failure(Fault(.bug, "a batch without a deadline was late"))
        }
      result.update { $0 = told }
    }
    do throws(AdmissionRefusal) { try unit.submit(request) } catch { throw error.fault }
    return try result.wait { $0 }.get()
  }

  /// Copies outputs to where the parent reads them.
  private static func put(
    _ outputs: Outputs, _ plan: MemoryPlan, _ memory: SharedMemory
  ) -> Result<[Answer.Output], Fault> {
    var (place, list) = (plan.outputs.lowerBound, [Answer.Output]())
    for (index, spec) in outputs.specs.enumerated() {
      let part = outputs.withBytes(index) { bytes -> Range<Int>? in
        let part = place..<place + bytes.byteCount
        guard part.upperBound <= plan.outputs.upperBound else { return nil }
        unsafe bytes.withUnsafeBytes { unsafe memory.writableBytes(part).copyMemory(from: $0) }
        return part
      }
      guard let part else {
        return .failure(
          Fault(
            .tooLarge, "its outputs are larger than the \(plan.outputs.count) bytes that a process of its own has"))
      }
      list.append(Answer.Output(sides: spec.shape.map { $0 ?? 0 }, place: part))
      place = MemoryPlan.aligned(part.upperBound)
    }
    return .success(list)
  }
}
