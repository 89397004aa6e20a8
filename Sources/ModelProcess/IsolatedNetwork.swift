public import Base
public import Inference
internal import Isolation

/// A network in a process of its own: batches go there and come back in shared memory.
///
/// One thread at a time runs it; ``kill()`` and ``ending`` are for any.
public final class IsolatedNetwork: BatchRunner {
  /// Why it could not be loaded.
  public struct Failure: Error {
    public let fault: Fault
    /// It took the process with it.
    public let isCrash: Bool
  }

  public let inputs: [TensorSpec]
  public let outputs: [TensorSpec]
  public let batch: Int
  /// What the device computes in.
  public let precision: String
  /// Who runs it, and the name of that with the version.
  public let runtime: EngineChoice
  public let engine: String
  /// What its callers should know of it.
  public let notes: [String]
  /// How its answers compare with those of the network's own runtime.
  public let check: NetworkCheck?
  private let child: ModelChild
  private let memory: SharedMemory
  private let plan: MemoryPlan

  /// Loads it there; warm where the order says so.
  public convenience init(
    _ order: ModelOrder, _ options: ModelProcessOptions, _ cancellation: Cancellation
  ) throws(Failure) {
    let child: ModelChild
    do throws(Fault) { child = try ModelChild(options) } catch { throw Failure(fault: error, isCrash: false) }
    do throws(ModelChild.Trouble) {
      let deadline = Clock.now + UInt64(options.seconds * 1e9)
      let (facts, memory, plan) = try cancellation.listening({ child.kill() }) { () throws(ModelChild.Trouble) in
        try Self.load(order, child, until: deadline)
      }
      self.init(child, facts, memory, plan)
    } catch {
      _ = child.end()
      throw cancellation.isCancelled
        ? Failure(fault: ModelTrials.givenUp, isCrash: false) : Self.failure(error, options)
    }
  }

  private init(_ child: ModelChild, _ facts: NetworkFacts, _ memory: SharedMemory, _ plan: MemoryPlan) {
    (self.child, self.memory, self.plan) = (child, memory, plan)
    (inputs, outputs, batch, precision) = (facts.inputs, facts.outputs, facts.batch, facts.precision)
    (runtime, engine, notes, check) = (facts.runtime, facts.engine, facts.notes, facts.check)
  }

  private static func load(
    _ order: ModelOrder, _ child: ModelChild, until deadline: UInt64
  ) throws(ModelChild.Trouble) -> (NetworkFacts, SharedMemory, MemoryPlan) {
    let facts: NetworkFacts
    switch try child.ask(.load(order, child.terms), until: deadline) {
    case .loaded(let told): facts = told
    case .failed(let fault): throw .fault(fault)
    case .passed, .shared, .ran, .openDoors, .comparing: throw .fault(FieldReader.nonsense)
    }
    let (memory, plan): (SharedMemory, MemoryPlan)
    do throws(Fault) {
      plan = try MemoryPlan(facts)
      memory = try SharedMemory(byteCount: plan.byteCount, isWritten: true)
      // Filled with real memory, so that no later touch can fail.
      _ = try memory.take(plan.byteCount)
    } catch { throw .fault(error) }
    guard case .shared = try child.ask(.share(plan), descriptor: memory.descriptor, until: deadline) else {
      throw .fault(FieldReader.nonsense)
    }
    return (facts, memory, plan)
  }

  private static func failure(_ trouble: ModelChild.Trouble, _ options: ModelProcessOptions) -> Failure {
    switch trouble {
    case .fault(let fault): Failure(fault: fault, isCrash: false)
    case .late:
      Failure(
        fault: Fault(.unavailable, "its own process was not ready within \(Int(options.seconds)) s"), isCrash: false)
    case .ended(let ending): Failure(fault: fault(ending), isCrash: !ending.isFromOutside)
    }
  }

  private static func fault(_ ending: ChildProcess.Ending) -> Fault {
    Fault(.unavailable, "the model's own process ended: \(ending.reason ?? "it left without a word")")
  }

  public func run(_ portions: [[SharedBytes]], rows: Int) throws(Fault) -> [BatchOutput] {
    guard rows <= batch, portions.allSatisfy({ $0.count == inputs.count }) else {
      throw Fault(.bug, "a batch does not fit its network")
    }
    var byteCounts: [Int] = []
    for (input, part) in plan.inputs.enumerated() {
      var place = part.lowerBound
      for portion in portions {
        let bytes = portion[input]
        guard place + bytes.count <= part.upperBound else { throw Fault(.bug, "a batch does not fit its network") }
        unsafe memory.writableBytes(place..<place + bytes.count).copyMemory(from: bytes.pointer)
        place += bytes.count
      }
      byteCounts.append(place - part.lowerBound)
    }
    do throws(ModelChild.Trouble) {
      switch try child.ask(.run(rows: rows, byteCounts: byteCounts)) {
      case .ran(let told): return try outputs(checked: told)
      case .failed(let fault): throw ModelChild.Trouble.fault(fault)
      case .passed, .loaded, .shared, .openDoors, .comparing: throw ModelChild.Trouble.fault(lost())
      }
    } catch {
      switch error {
      case .fault(let fault): throw fault
      case .ended(let ending): throw Self.fault(ending)
      case .late: throw Fault(.bug, "a batch without a deadline was late")
      }
    }
  }

  private func outputs(checked told: [Answer.Output]) throws(ModelChild.Trouble) -> [BatchOutput] {
    guard told.count == outputs.count else { throw .fault(lost()) }
    var list: [BatchOutput] = []
    for (spec, output) in zip(outputs, told) {
      let count = TensorSpec.elementCount(of: output.sides).map { $0 * spec.element.byteCount }
      guard count == output.place.count, output.place.lowerBound >= plan.outputs.lowerBound,
        output.place.upperBound <= plan.outputs.upperBound
      else { throw .fault(lost()) }
      list.append(BatchOutput(sides: output.sides, bytes: unsafe SharedBytes(memory.bytes(output.place), of: memory)))
    }
    return list
  }

  /// A process that answers nonsense is not trusted any more.
  private func lost() -> Fault {
    _ = child.end()
    return FieldReader.nonsense
  }

  /// Ends the process, and with it what runs.
  public func kill() { child.kill() }

  /// For tests, and for a log.
  public var processID: Int32 { child.id }

  public var hasEnded: Bool { child.hasEnded }

  /// How it ended, once it has: why, and whether the network is to blame.
  public var ending: Failure? {
    guard hasEnded else { return nil }
    let ending = child.end()
    return Failure(fault: Self.fault(ending), isCrash: !ending.isFromOutside)
  }
}
