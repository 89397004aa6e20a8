import Base
import Planning
import TestKit
import Testing

struct TaskPlanTests {
  static let digest = String(repeating: "0123456789abcdef", count: 4)

  static func plan(_ cuts: Cuts = .chunks([0..<300, 300..<450, 450..<900])) -> TaskPlan {
    TaskPlan(
      object: digest,
      source: SourceFacts(
        isPicture: false, byteCount: 5_000_000, size: Size(width: 1920, height: 1080), codec: "h264",
        duration: 36.000_000_4, frameRate: Ratio(25, 1)),
      pipelineText: "sample: all\ninfer:\n  - name: \"a\\\"b\"\n", pipelineDigest: "sha256:" + digest,
      models: [PinnedModel(name: "yolox-nano", digest: "sha256:ab", precision: .f32, device: "CPU")],
      engine: "OpenVINO 2026.4.1", index: cuts.chunkCount > 0 ? .init(digest: digest, frameCount: 900) : nil,
      cuts: cuts, profile: .lambda, expected: (0..<cuts.taskCount).map { 1.234_56 + Double($0) })
  }

  @Test func `a plan reads back as itself, and its digest is that of its bytes`() throws {
    var light = Self.plan()
    light.rendition = String(Self.digest.reversed())
    #expect(light.digest != Self.plan().digest && light.undivided(.doubt).rendition == light.rendition)
    for plan in [Self.plan(), Self.plan(.whole(.doubt)), Self.plan().undivided(.doubt), light] {
      let again = try TaskPlan(bytes: plan.bytes)
      #expect(again == plan && again.bytes == plan.bytes && again.digest == plan.digest)
    }
    #expect(Self.plan().digest != Self.plan(.whole(.short)).digest)
    var other = Self.plan()
    other.models[0].precision = .bf16
    #expect(other.digest != Self.plan().digest)
  }

  @Test func `chunks come first, and the merge has the last number`() throws {
    let plan = Self.plan()
    #expect(plan.taskCount == 4 && plan.mergeNumber == 3)
    #expect(try plan.work(of: 1) == .chunk(300..<450))
    #expect(try plan.work(of: 3) == .merge)
    #expect(throws: Fault(.badInput, "the plan has no task 4: its tasks are 0 to 3")) { try plan.work(of: 4) }
    let whole = Self.plan(.whole(.picture))
    #expect(try whole.taskCount == 1 && whole.mergeNumber == nil && whole.work(of: 0) == .whole)
    #expect(throws: Fault.self) { try whole.work(of: 1) }
  }

  @Test func `what is in doubt becomes one task that takes as long as all`() throws {
    let plan = Self.plan().undivided(.doubt)
    #expect(plan.cuts == .whole(.doubt) && plan.index == nil && plan.taskCount == 1)
    #expect((plan.expected[0] - Self.plan().expected.reduce(0, +)).magnitude < 1e-9)
  }

  @Test(arguments: [
    (#""plan":1"#, #""plan":2"#, "plan: a plan of another version"),
    (#""plan":1"#, #""plans":1"#, "'plans' is not known"),
    (#""engine""#, #""motor":1,"engine""#, "'motor' is not known"),
    (#""engine":"OpenVINO 2026.4.1""#, #""engine":7"#, "engine: 7 stands where a string"),
    (#""object":"0"#, #""object":"X"#, "object: this is no SHA-256"),
    (#""digest":"sha256:0123"#, #""digest":"sha1:0123"#, "pipeline.digest: this is no digest"),
    (#""width":1920"#, #""width":0"#, "source.width: 0 is out of range"),
    (#""rate":[25,1]"#, #""rate":[25]"#, "source.rate: a rate is two"),
    (#""kind":"video""#, #""kind":"vidoe""#, "source.kind: 'vidoe' is not known (did you mean 'video'?)"),
    (#""cuts":[0,300,450]"#, #""cuts":[0,450,300]"#, "cuts: cuts do not rise"),
    (#""cuts":[0,300,450]"#, #""cuts":[300,450]"#, "cuts: cuts are two at least"),
    (#""cuts":[0,300,450]"#, #""cuts":[0]"#, "cuts: cuts are two at least"),
    (#""cuts":[0,300,450]"#, #""cuts":[0,300,900]"#, "cuts[2]: 900 is out of range"),
    (#""cuts":[0,300,450]"#, #""cuts":[0,300]"#, "expected: 4 expectations for 3 tasks"),
    (#""cuts":[0"#, #""whole":"short","cuts":[0"#, "not both"),
    (#""precision":"f32""#, #""precision":"f31""#, "models[0].precision: 'f31'"),
    (#""cores":5.79"#, #""cores":0"#, "profile.cores: 0.0 is out of range"),
    (#""expected":[1"#, #""expected":[-1"#, "expected[0]: -1.235 is out of range"),
  ])
  func `a document that is no plan is refused with the place`(_ case: (what: String, with: String, fault: String)) {
    let text = String(decoding: Self.plan().bytes, as: UTF8.self)
    let changed = text.replacing(`case`.what, with: `case`.with, maxReplacements: 1)
    #expect(changed != text)
    do throws(Fault) {
      _ = try TaskPlan(bytes: Array(changed.utf8))
      #expect(Bool(false), "\(changed) was taken for a plan")
    } catch {
      #expect(error.message.contains(`case`.fault), "\(error.message)")
    }
  }

  @Test func `a rendition has the key of its video and of what made it`() {
    let key = RenditionKey.of(object: Self.digest, identity: "360 lines")
    #expect(key.utf8.count == 64 && key == RenditionKey.of(object: Self.digest, identity: "360 lines"))
    #expect(key != RenditionKey.of(object: Self.digest, identity: "240 lines"))
    #expect(key != RenditionKey.of(object: String(Self.digest.reversed()), identity: "360 lines"))
  }

  @Test func `any damage of a plan is a fault or another plan, and never a crash`() {
    var random = SeededRandom(3)
    let bytes = Self.plan().bytes
    for _ in 0..<3000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1..<4, using: &random) {
        let place = damaged.indices.randomElement(using: &random)!
        switch Int.random(in: 0..<3, using: &random) {
        case 0: damaged.remove(at: place)
        case 1: damaged[place] = UInt8.random(in: 32..<127, using: &random)
        default: damaged.insert(UInt8(ascii: "9"), at: place)
        }
      }
      do throws(Fault) {
        let plan = try TaskPlan(bytes: damaged)
        #expect(try TaskPlan(bytes: plan.bytes) == plan)
      } catch { #expect([.badInput, .unsupported].contains(error.kind)) }
    }
  }
}
