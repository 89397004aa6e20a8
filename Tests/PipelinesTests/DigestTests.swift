import Base
import Testing

@testable import Pipelines

/// The bytes behind the digest: the same for what does the same, different for everything else.
struct DigestTests {
  private func bytes(_ text: String, models: [String]? = nil) throws -> String {
    let pipeline = try read(text).pipeline
    let models = models ?? pipeline.infer.indices.map { "sha256:model-\($0)" }
    return String(decoding: pipeline.canonical(models: models), as: UTF8.self)
  }

  static let plain = """
    sample: {every: 1s}
    gate: {hold: 2s}
    infer: [{name: a, model: x, labels: [one, two]}, {name: b, model: y, on: a}]
    track: {on: a}
    smooth: [{of: a}, {of: b}]
    emit: {labels: [one, two]}
    """

  @Test(
    "Another spelling of the same pipeline has the same bytes",
    arguments: [
      """
      # Keys in another order, with comments.
      emit: {labels: [two, one, one]}
      smooth: [{of: b}, {of: a}]
      track: {on: a}
      infer: [{labels: [two, one], model: x, name: a}, {on: a, model: y, name: b}]
      gate: {hold: 2s}
      sample: {every: 1s}
      """,
      """
      sample: {every: 1000ms}
      gate: {hold: 2000ms, motion: 1%, difference: 12.0, lead: 0.5s}
      infer:
        - name: a
          model: x
          threshold: 0.1
          labels: [one, two]
        - {name: b, model: y, on: a, score: 0.6, margin: 0%}
      track: {on: a, high: 0.6, low: 0.10, new: 0.7, overlap: 20%, buffer: 2s, confirm: 2, labels: together}
      smooth:
        - {of: a, by: track, votes: 3 of 5, on: 0, off: 0}
        - {of: b, by: track}
      emit: {when: frame, labels: [one, two], score: 0}
      """,
      """
      sample: {fps: 1}
      gate: {hold: 2s}
      infer: [{name: first, model: ./other/x, labels: [one, two]}, {name: second, model: z, on: first}]
      track: {on: first}
      smooth: [{of: first}, {of: second}]
      emit: {labels: [one, two]}
      """,
    ])
  func same(text: String) throws {
    #expect(try bytes(text) == bytes(Self.plain))
  }

  @Test("Every change of a value that changes answers changes the bytes")
  func different() throws {
    let changes = [
      ("every: 1s", "every: 2s"), ("every: 1s", "every: 1001ms"), ("sample: {every: 1s}", "sample: all"),
      ("sample: {every: 1s}", "proxy: 360p\nsample: {every: 1s}"),
      ("sample: {every: 1s}", "proxy: 240p\nsample: {every: 1s}"),
      ("sample: {every: 1s}", "proxy: 240p@5\nsample: {every: 1s}"),
      ("sample: {every: 1s}", "proxy: 240p@6\nsample: {every: 1s}"),
      ("sample: {every: 1s}", "sample: key-frames"), ("hold: 2s", "hold: 3s"), ("hold: 2s", "hold: 2s, motion: 2%"),
      ("hold: 2s", "hold: 2s, difference: 13"), ("hold: 2s", "hold: 2s, lead: 0s"), ("gate: {hold: 2s}\n", ""),
      ("labels: [one, two]}, {", "labels: [one]}, {"), ("labels: [one, two]}, {", "}, {"),
      ("on: a}]", "on: a, margin: 1%}]"),
      ("on: a}]", "on: a, of: one}]"), ("on: a}]", "on: a, score: 0.5}]"), ("y, on: a}]", "y}]"),
      ("track: {on: a}", "track: {on: a, high: 0.5, new: 0.7}"), ("track: {on: a}", "track: {on: a, low: 0.2}"),
      ("track: {on: a}", "track: {on: a, new: 0.8}"), ("track: {on: a}", "track: {on: a, overlap: 0.3}"),
      ("track: {on: a}", "track: {on: a, buffer: 1s}"), ("track: {on: a}", "track: {on: a, confirm: 1}"),
      ("track: {on: a}", "track: {on: a, labels: apart}"), ("{of: b}", "{of: b, votes: 4 of 5}"),
      ("{of: b}", "{of: b, votes: 3 of 6}"), ("{of: b}", "{of: b, by: label}"), ("{of: b}", "{of: b, on: 0.1}"),
      ("{of: b}", "{of: b, on: 0.1, off: 0.05}"), (", {of: b}", ""), ("emit: {", "emit: {when: change, "),
      ("emit: {", "emit: {when: end, "), ("emit: {", "emit: {score: 0.1, "),
      ("emit: {labels: [one, two]}", "emit: {labels: [one]}"),
    ]
    let plain = try bytes(Self.plain)
    var seen: Set<String> = [plain]
    for (old, new) in changes {
      let text = Self.plain.replacing(old, with: new)
      try #require(text != Self.plain, "\(old)")
      #expect(seen.insert(try bytes(text)).inserted, "\(old) to \(new)")
    }
    #expect(try bytes("proxy: 360p\n" + Self.plain) == bytes("proxy: 360\n" + Self.plain))
    #expect(try bytes(Self.plain, models: ["sha256:model-0", "sha256:another"]) != plain)
    #expect(try bytes(Self.plain, models: ["sha256:model-1", "sha256:model-0"]) != plain)
  }

  /// A change of these bytes orphans every stored analysis: it must be meant, and the tag in front counted up.
  @Test("The bytes are those of today")
  func pinned() throws {
    #expect(
      try bytes(Self.plain)
        == #"["ridley-pipeline-1",["every",1],[0.01,12,2,0.5],[["sha256:model-0",["one","two"]],["sha256:model-1",[],0,[],0.600000024,0]],[0,0.600000024,0.100000001,0.699999988,0.2,2,2,false],[[0,"track",3,5,0,0],[1,"track",3,5,0,0]],["frame",["one","two"],0]]"#
    )
  }
}
