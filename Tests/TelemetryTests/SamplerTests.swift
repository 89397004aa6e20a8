import Testing

@testable import Telemetry

struct SamplerTests {
  @Test("The samplers of OpenTelemetry's names, and nothing else")
  func names() throws {
    let wanted: [(String, String?, asksParent: Bool, ratio: Double)] = [
      ("always_on", nil, false, 1), ("always_off", "0.5", false, 0), ("traceidratio", "0.25", false, 0.25),
      ("parentbased_always_on", nil, true, 1), ("parentbased_always_off", nil, true, 0),
      ("parentbased_traceidratio", "0.01", true, 0.01), ("traceidratio", nil, false, 1),
    ]
    for (name, argument, asksParent, ratio) in wanted {
      let found = try #require(Sampler(name: name, argument: argument), "\(name)")
      #expect(found.asksParent == asksParent && found.ratio == ratio, "\(name)")
    }
    for (name, argument) in [
      ("", nil), ("on", nil), ("traceidratio", "1.1"), ("traceidratio", "-0.1"), ("traceidratio", "nan"),
      ("traceidratio", "half"), ("parentbased_", nil), ("parentbased_parentbased_always_on", nil), ("xray", nil),
    ] {
      #expect(Sampler(name: name, argument: argument) == nil, "\(name) \(argument ?? "")")
    }
  }

  @Test("A caller's decision counts where it is asked for, and the share is kept of all others")
  func share() throws {
    let sampler = try #require(Sampler(name: "parentbased_traceidratio", argument: "0.1"))
    var random = SystemRandomNumberGenerator()
    let ids = (0..<20_000).map { _ in UInt128.random(in: 1 ... .max, using: &random) }
    let kept = ids.filter { sampler.keeps($0, parent: nil) }
    #expect((1700...2300).contains(kept.count))
    #expect(ids.allSatisfy { sampler.keeps($0, parent: true) && !sampler.keeps($0, parent: false) })
    // A server that keeps more keeps what this one keeps.
    let wider = try #require(Sampler(name: "traceidratio", argument: "0.2"))
    #expect(kept.allSatisfy { wider.keeps($0, parent: false) })
    let none = try #require(Sampler(name: "parentbased_always_off", argument: nil))
    #expect(!ids.contains { none.keeps($0, parent: nil) } && !none.keeps(1 << 56, parent: nil))
  }
}
