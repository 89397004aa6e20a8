import Testing

@testable import Telemetry

/// Cases of W3C Trace Context, level 1, and of its test suite's kind.
struct TraceStateTests {
  @Test("What the recommendation allows is kept, in its order and without blanks around members")
  func good() {
    let cases: [([String], String)] = [
      ([], ""), ([""], ""), (["rojo=00f067aa0ba902b7"], "rojo=00f067aa0ba902b7"),
      (["congo=t61rcWkgMzE, rojo=00f067aa0ba902b7"], "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"),
      (["foo=1", "bar=2"], "foo=1,bar=2"), (["foo=1 \t , \t bar=2, "], "foo=1,bar=2"),
      (["foo=1,,bar=2"], "foo=1,bar=2"),
      (["fw529a3039@dt=FfAAAA,1a@b=2"], "fw529a3039@dt=FfAAAA,1a@b=2"), (["a_-*/=inner blank"], "a_-*/=inner blank"),
    ]
    for (headers, wanted) in cases { #expect(TraceState.read(headers) == wanted, "\(headers)") }
    let many = (0..<32).map { "bar\($0)=\($0)" }.joined(separator: ",")
    #expect(TraceState.read([many]) == many)
  }

  @Test(
    "What it forbids leaves nothing",
    arguments: [
      ["foo"], ["foo="], ["=1"], ["foo=1", "foo=2"], ["FOO=1"], ["1foo=1"], ["foo@=1"], ["@foo=1"], ["foo@@bar=1"],
      ["foo@a12345678901234=1"], ["foo=1=2"], ["foo=\u{7f}"], ["foo=é"], ["foo bar=1"], ["foo =1"],
      [String(repeating: "z", count: 257) + "=1"], ["foo=" + String(repeating: "z", count: 257)],
      [(0..<33).map { "bar\($0)=\($0)" }.joined(separator: ",")],
    ])
  func bad(_ headers: [String]) { #expect(TraceState.read(headers) == "") }
}
