import Base
import Glibc
import Inference
import Isolation
import Loading
import ModelHub
import Synchronization
import TestKit
import Testing

@testable import ModelProcess

@Suite("Networks that run in a process of their own")
struct IsolatedNetworkTests {
  let lab = Lab()

  private func network(batch: Int = 1, _ engine: EngineChoice = .openvino) throws -> IsolatedNetwork {
    let version = try engine == .openvino ? lab.sum() : lab.sumAsONNX()
    let network = try IsolatedNetwork(lab.order(version, batch: batch, engine: engine), Lab.options(), Cancellation())
    #expect(network.runtime == engine && network.precision == "f32")
    return network
  }

  private func rows(_ values: [Float]) -> SharedBytes {
    SharedBytes(values.flatMap { value in (0..<12).flatMap { _ in withUnsafeBytes(of: value) { Array($0) } } })
  }

  private func sums(_ answer: Outputs) -> [Float] {
    answer.withBytes(0) { bytes in
      (0..<bytes.byteCount / 4).map { bytes.unsafeLoadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
  }

  @Test(
    "Every request gets its own answer, whatever runs beside it", arguments: [1, 4],
    [EngineChoice.openvino, .onnxruntime])
  func answers(batch: Int, engine: EngineChoice) throws {
    let network = try network(batch: batch, engine)
    #expect(network.inputs.map(\.name) == ["in"] && network.outputs.count == 1 && network.batch == batch)
    let unit = InferenceUnit(remote: network, limits: .init(queue: 10_000))
    let right = Atomic(0)
    let wrong = Atomic(0)
    var dice = SeededRandom(7)
    for number in 0..<300 {
      let values = (0..<Int.random(in: 1...6, using: &dice)).map { Float(number * 10 + $0) }
      try unit.submit(
        InferenceRequest([rows(values)], rows: values.count, source: "\(number % 3)") { outcome, _ in
          if case .answered(let answer) = outcome, sums(answer) == values.map({ $0 * 12 }) {
            right.add(1, ordering: .relaxed)
          } else {
            wrong.add(1, ordering: .relaxed)
          }
        })
    }
    unit.drain()
    #expect(right.load(ordering: .relaxed) == 300 && wrong.load(ordering: .relaxed) == 0)
  }

  @Test(
    "A crash fails what is inside and what comes, and says whose it was", arguments: [SIGSEGV, SIGKILL],
    [EngineChoice.openvino, .onnxruntime])
  func crash(_ signal: Int32, engine: EngineChoice) throws {
    let network = try network(engine)
    #expect(network.ending == nil)
    let unit = InferenceUnit(remote: network)
    kill(network.processID, signal)
    let found = Monitor<Fault?>(nil)
    try unit.submit(
      InferenceRequest([rows([1])], rows: 1, source: "") { outcome, _ in
        if case .failed(let fault) = outcome { found.update { $0 = fault } }
      })
    unit.drain()
    #expect(found.update { $0 }?.kind == .unavailable)
    let ending = try #require(network.ending)
    #expect(ending.isCrash == (signal == SIGSEGV))
  }

  @Test("One that hangs comes back when it is killed", arguments: [EngineChoice.openvino, .onnxruntime])
  func hang(engine: EngineChoice) throws {
    let network = try network(engine)
    kill(network.processID, SIGSTOP)
    let unit = InferenceUnit(remote: network, limits: .init(stall: 100_000_000))
    let found = Monitor<Fault?>(nil)
    try unit.submit(
      InferenceRequest([rows([1])], rows: 1, source: "") { outcome, _ in
        if case .failed(let fault) = outcome { found.update { $0 = fault } }
      })
    try waitUntil("the unit to be given up") { unit.check(now: Clock.now) }
    network.kill()
    let fault = try found.wait(for: "a fault") { $0 }
    #expect(fault.kind == .unavailable)
  }

  @Test("One that crashes while it is loaded says so")
  func loading() throws {
    let order = lab.order(try lab.sum())
    do throws(IsolatedNetwork.Failure) {
      _ = try IsolatedNetwork(order, Lab.shell("kill -SEGV $$"), Cancellation())
      Issue.record("a process that crashed has loaded a network")
    } catch {
      #expect(error.isCrash && error.fault.message.contains("Segmentation fault"))
    }
  }

  @Test("What messages carry comes out as it went in")
  func messages() throws {
    let facts = NetworkFacts(
      inputs: [TensorSpec(name: "x", shape: [nil, 3], element: .f32)],
      outputs: [TensorSpec(name: "", shape: [], element: .i64)], batch: 3, precision: "f32",
      engine: "OpenVINO", longestSide: 7)
    guard case .loaded(let told) = try Answer(Answer.loaded(facts).message) else {
      Issue.record("another kind of answer")
      return
    }
    #expect(told == facts)
    let outputs = [Answer.Output(sides: [2, 3], place: 64..<88)]
    guard case .ran(let ran) = try Answer(Answer.ran(outputs).message) else {
      Issue.record("another kind of answer")
      return
    }
    #expect(ran == outputs)
    var order = lab.order(try lab.sum(), batch: 4)
    order.options.precision = .bf16
    guard
      case .tryOut(let wanted, let terms) = try Request(
        Request.tryOut(order, Request.Terms(parent: 1, memory: 2)).message)
    else {
      Issue.record("another kind of request")
      return
    }
    #expect(wanted.options == order.options && wanted.version == order.version && terms.memory == 2)
    #expect(throws: Fault.self) { try Answer(.init(kind: 4, bytes: [1])) }
  }

  @Test("A plan has room for a whole batch of everything, and refuses what is too large")
  func plan() throws {
    let facts = NetworkFacts(
      inputs: [
        TensorSpec(name: "a", shape: [nil, 3], element: .f32), TensorSpec(name: "b", shape: [nil], element: .u8),
      ],
      outputs: [TensorSpec(name: "c", shape: [nil, 2], element: .f32)], batch: 4, precision: "f32",
      engine: "OpenVINO")
    let plan = try MemoryPlan(facts)
    #expect(plan.inputs == [0..<48, 64..<68] && plan.outputs == 128..<192)
    let texts = NetworkFacts(
      inputs: [TensorSpec(name: "ids", shape: [nil, nil], element: .i64)], outputs: [], batch: 1, precision: "f32",
      engine: "OpenVINO", longestSide: 100)
    #expect(try MemoryPlan(texts).inputs == [0..<800], "there is room for the longest row")
    var large = facts
    large.inputs[0].shape = [nil, 1 << 32, 1 << 32]
    #expect(throws: Fault.self) { try MemoryPlan(large) }
  }
}
