import Base
import Foundation
import Inference
import Serving
import TestKit
import Testing

struct HangTests {
  private func ask(_ models: ModelRepository, _ name: String, _ bytes: SharedBytes) throws -> InferenceRequest.Outcome {
    let result = Monitor<InferenceRequest.Outcome?>(nil)
    let ask = InferenceRequest([bytes], rows: 1, source: "a", deadline: soon()) { outcome, _ in
      result.update { $0 = outcome }
    }
    try models.find(name).submit(ask)
    return try result.wait(for: "an answer") { $0 }
  }

  @Test("An engine that does not come back is given up and started again, and other models go on meanwhile")
  func hang() throws {
    let folder = TemporaryFolder()
    for name in ["slow", "sum"] { try FileSystem.makeFolder(folder.file("models/\(name)/1")) }
    try SlowNetwork.write(to: folder.file("models/slow/1/model"))
    try SumNetwork.write(to: folder.file("models/sum/1/model"))
    var options = ModelRepository.Options(folder: folder.file("models"), store: folder.file("store"))
    options.stall = 0.1
    let models = try ModelRepository(options, on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
    let monitor = HealthMonitor(models, poll: nil)
    defer { monitor.stop() }
    let number = SharedBytes(withUnsafeBytes(of: Float(1)) { Array($0) })
    guard case .failed(let fault) = try ask(models, "slow", number) else {
      Issue.record("a hung engine answered")
      return
    }
    #expect(fault.kind == .unavailable)
    // No request is let in while it is being replaced, and others do not notice.
    #expect(throws: AdmissionRefusal.self) { _ = try ask(models, "slow", number) }
    guard case .answered(let answer) = try ask(models, "sum", rows([2])) else {
      Issue.record("another model was disturbed")
      return
    }
    #expect(sums(answer) == [24])
    // A second later there is a new engine, which lets asks in again.
    let end = Clock.now + 20_000_000_000
    var isBack = false
    while !isBack, Clock.now < end {
      let late = InferenceRequest([number], rows: 1, source: "a", deadline: soon()) { _, _ in }
      isBack = (try? models.find("slow").submit(late)) != nil
      if !isBack { Thread.sleep(forTimeInterval: 0.05) }
    }
    #expect(isBack)
    // A caller that waits for its end waits no longer than for the clock.
    let began = Clock.now
    try models.unload("slow")
    models.drain()
    #expect(Clock.now - began < 5_000_000_000)
  }
}
