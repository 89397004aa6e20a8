import Base
import TestKit
import Testing

@testable import Planning

struct ServicePlanTests {
  private static let mib = 1 << 20

  private func model(
    _ name: String, _ megabytes: Int, loading: Int? = nil, seconds: Double? = nil, files: Int = 4
  ) -> ServicePlan.Model {
    ServicePlan.Model(
      name, bytes: megabytes * Self.mib, loadingBytes: (loading ?? megabytes) * Self.mib, seconds: seconds,
      isMeasured: true, fileBytes: files * Self.mib)
  }

  private func stream(_ name: String, _ models: [String] = [], rate: Double? = nil) -> ServicePlan.Stream {
    var stream = ServicePlan.Stream(name)
    (stream.models, stream.rate) = (models, rate)
    return stream
  }

  private func refusal(_ plan: ServicePlan) -> String? {
    do throws(Fault) { try plan.check() } catch {
      #expect(error.kind == .tooLarge)
      return error.message
    }
    return nil
  }

  @Test func `a small model and one camera fit, and what is left goes to the newest packets`() throws {
    var plan = ServicePlan(.edge, .server, [model("nano/1", 60, loading: 120)])
    plan.streams = [stream("dock", ["nano/1"])]
    plan.models[0].isHeld = true
    #expect(refusal(plan) == nil)
    #expect(plan.ringBytes == ServicePlan.mostRing && plan.neededBytes < 512 * Self.mib)
    let models = try #require(plan.modelBytes)
    #expect(models >= 60 * Self.mib)
    let all = plan.parts.reduce(0) { $0 + $1.bytes } - 60 * Self.mib + models + plan.ringBytes
    #expect(all <= 512 * Self.mib, "what each part may take is no more than there is")
    #expect(plan.text.contains("of 512MiB of memory") && plan.text.contains("nano/1 60MiB"))
    #expect(plan.text.contains("what nano/1 takes of the processor is not known until it was tried"))
    plan.models[0].seconds = 0.01
    #expect(!plan.text.contains("not known"))
  }

  @Test func `rings of many streams share what is left, and no more streams come than fit`() throws {
    var plan = ServicePlan(.edge, .server, [model("nano/1", 60)])
    plan.streams = (1...5).map { stream("cam\($0)", ["nano/1"]) }
    plan.models[0].isHeld = true
    for index in plan.streams.indices { plan.streams[index].isRecorded = true }
    #expect(refusal(plan) == nil)
    #expect((ServicePlan.leastRing..<ServicePlan.mostRing).contains(plan.ringBytes))
    #expect(plan.parts.reduce(0) { $0 + $1.bytes } + 10 * plan.ringBytes <= 512 * Self.mib)
    let most = try #require(plan.mostStreams)
    #expect(most >= 5)
    plan.streams += (5...most + 1).map { stream("more\($0)", ["nano/1"]) }
    let words = try #require(refusal(plan))
    #expect(words.contains("sources") && words.contains("watch fewer streams"))
  }

  @Test func `a model too large is refused with its need, the room, and a lighter one`() throws {
    var large = model("nsfw-resnet/2", 480, loading: 700)
    large.lighter = [
      .init("nsfw-resnet-fp16", bytes: 240 * Self.mib, loadingBytes: 480 * Self.mib),
      .init("nsfw-resnet-int8", bytes: 120 * Self.mib, loadingBytes: 240 * Self.mib),
    ]
    let words = try #require(refusal(ServicePlan(.edge, .server, [large])))
    #expect(words.contains("the model nsfw-resnet/2 needs 700MiB of memory while it is loaded"))
    #expect(words.contains("the profile 'edge' has 456MiB beside the server"))
    #expect(words.contains("take nsfw-resnet-int8, which needs 120MiB"))
    large.loadingBytes = 100 * Self.mib
    #expect(try #require(refusal(ServicePlan(.edge, .server, [large]))).contains("this needs 536MiB of memory"))
    // One that would not fit either is not proposed.
    large.lighter = [.init("nsfw-resnet-fp16", bytes: 460 * Self.mib, loadingBytes: 460 * Self.mib)]
    let other = try #require(refusal(ServicePlan(.edge, .server, [large])))
    #expect(!other.contains("fp16") && other.contains("'ridley model quantize'"))
    #expect(refusal(ServicePlan(.local, .server, [large])) == nil, "nothing is bounded there")
  }

  @Test func `models that no stream holds make room for each other, and those of a run do not`() throws {
    let models = [model("a/1", 200), model("b/1", 200), model("c/1", 210)]
    #expect(refusal(ServicePlan(.edge, .server, models)) == nil)
    #expect(refusal(ServicePlan(.edge, .files, models)) != nil)
    var held = ServicePlan(.edge, .server, models)
    held.models[0].isHeld = true
    held.models[1].isHeld = true
    #expect(refusal(held) != nil)
  }

  @Test func `rates for which there is no time are refused with those for which there is`() throws {
    var plan = ServicePlan(.edge, .server, [model("nano/1", 60, seconds: 0.1)])
    plan.streams = [stream("dock", ["nano/1"], rate: 20)]
    plan.models[0].isHeld = true
    let words = try #require(refusal(plan))
    #expect(words.contains("look at fewer frames (rate: 7.8 for 'dock')"), "\(words)")
    plan.streams[0].rate = 7.8
    #expect(refusal(plan) == nil)
    plan.streams[0].rate = nil
    #expect(refusal(plan) == nil, "it takes as many as there is time for")
    #expect(abs(try #require(plan.answersASecond) - 7.8) < 0.01)
  }

  @Test func `rates are proposed that suffice for all streams together`() throws {
    var plan = ServicePlan(.edge, .server, [model("nano/1", 60, seconds: 0.1)])
    plan.streams = [stream("dock", ["nano/1"], rate: 10), stream("gate", ["nano/1"], rate: 5)]
    plan.models[0].isHeld = true
    let words = try #require(refusal(plan))
    #expect(words.contains("(rate: 4.4 for 'dock', 2.2 for 'gate')"), "\(words)")
    (plan.streams[0].rate, plan.streams[1].rate) = (4.4, 2.2)
    #expect(refusal(plan) == nil)
    (plan.streams[0].rate, plan.streams[1].rate) = (10, 10)
    #expect(try #require(refusal(plan)).contains("(rate: 3.3 for each stream)"))
  }

  @Test func `what is proposed makes it fit`() throws {
    var held = model("large/1", 400)
    held.isHeld = true
    held.lighter = [.init("large-int8", bytes: 100 * Self.mib, loadingBytes: 100 * Self.mib)]
    var plan = ServicePlan(.edge, .server, [held])
    plan.streams = (1...4).map { stream("cam\($0)", ["large/1"]) }
    #expect(try #require(refusal(plan)).contains("take large-int8, which needs 100MiB"))
    // 512 MiB without the server's 56, and 66 for each stream.
    plan.streams = (1...6).map { stream("cam\($0)", ["large/1"]) }
    let small = try #require(refusal(plan))
    #expect(small.contains("needs no more than 60MiB, or watch fewer streams"), "\(small)")
    plan.streams = (1...9).map { stream("cam\($0)", ["large/1"]) }
    let many = try #require(refusal(plan))
    #expect(many.hasSuffix("watch fewer streams first: without any model there is room for 6"), "\(many)")
  }

  @Test func `memory that is said for the models is part of the plan`() throws {
    var plan = ServicePlan(.edge, .server, [model("nano/1", 60)])
    plan.memory = 20 * Self.mib
    #expect(plan.modelBytes == 20 * Self.mib)
    #expect(try #require(refusal(plan)).contains("'memory' gives them 20MiB: say memory: 60MiB"))
    plan.models[0].isMeasured = false
    #expect(refusal(plan) == nil, "its files alone do not tell that it takes so much")
    plan.memory = 3 * Self.mib
    #expect(refusal(plan) != nil)
  }

  @Test func `a disk on which models and recordings do not fit is refused with the room that is left`() throws {
    var plan = ServicePlan(.edge, .server, [model("nano/1", 60, files: 100)])
    plan.recordings = 1 << 30
    #expect(refusal(plan) == nil)
    plan.recordings = 1700 << 20
    #expect(try #require(refusal(plan)).contains("say recordings: {space: 1592MiB}"))
    plan.models[0].fileBytes = 1 << 30
    #expect(try #require(refusal(plan)).hasSuffix("has 2048MiB: serve fewer models"))
  }

  @Test func `a machine with less than the profile is what counts`() throws {
    let profile = TaskProfile.edge.within(memoryBytes: 100 << 20, diskBytes: nil, of: "this machine")
    #expect(refusal(ServicePlan(profile, .server, [model("nano/1", 60)])) != nil)
  }
}
