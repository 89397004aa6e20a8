import Base
import Testing

@testable import Lambda

struct TaskEventTests {
  private func read(_ text: String) throws(Fault) -> TaskEvent { try TaskEvent(json: Array(text.utf8)) }

  @Test("What a state machine asks for is read, with numbers as numbers or as texts of them")
  func read() throws {
    #expect(try read(#"{"do":"plan","job":"01M8","item":12}"#) == .plan(job: "01M8", item: 12))
    #expect(try read(#"{"number":0,"item":"12","job":"7K2M","do":"run"}"#) == .run(job: "7K2M", item: 12, number: 0))
    #expect(try read(#"{"do":"run","job":"7K2M","item":3.0,"number":"1"}"#) == .run(job: "7K2M", item: 3, number: 1))
    #expect(try read(#"{"do":"work"}"#) == .work)
  }

  @Test(
    "An event that is anything else is refused, and the place is named",
    arguments: [
      ("", "not well-formed"), ("{", "not well-formed"), ("null", "an object"), ("[]", "an object"),
      ("\"run\"", "an object"),
      ("{}", "'do' is missing"), (#"{"do":"run"}"#, "'job' is missing"), (#"{"do":"rnu","job":"a","item":0}"#, "'run'"),
      (#"{"do":"run","job":"a","item":0}"#, "'number' is missing"),
      (#"{"do":"run","job":"a","item":-1,"number":0}"#, "out of range"),
      (#"{"do":"run","job":"a","item":"-1","number":0}"#, "no number"),
      (#"{"do":"run","job":"a","item":"01","number":0}"#, "no number"),
      (#"{"do":"run","job":"a","item":" 1","number":0}"#, "no number"),
      (#"{"do":"run","job":"a","item":1e99,"number":0}"#, "out of range"),
      (#"{"do":"run","job":"a","item":0.5,"number":0}"#, "whole number"),
      (#"{"do":"run","job":"a","item":null,"number":0}"#, "whole number"),
      (#"{"do":"run","job":7,"item":0,"number":0}"#, "a string"),
      (#"{"do":"run","job":"","item":0,"number":0}"#, "no id"),
      (#"{"do":"run","job":"a/b","item":0,"number":0}"#, "no id"),
      (#"{"do":"run","job":"a\u0000b","item":0,"number":0}"#, "no id"),
      (#"{"do":"run","job":"a","item":0,"number":0,"nmber":1}"#, "'number'"),
      (#"{"do":"run","do":"plan","job":"a","item":0,"number":0}"#, "twice"),
      (#"{"do":"plan","job":"a","item":0,"number":0}"#, "leave 'number' out"),
      (#"{"do":"work","job":"a"}"#, "leave 'job' out"), (#"{"Records":[]}"#, "'Records' is not known"),
    ])
  func refused(_ text: String, _ words: String) throws {
    let fault = try #require(throws: Fault.self) { try read(text) }
    #expect(fault.kind == .badInput && fault.message.contains(words), "\(fault)")
  }

  @Test("A plan of one task has no pieces, and one of many has all but the last")
  func plan() {
    #expect(TaskEvent.answer(tasks: 1) == Array(#"{"pieces":[],"last":0}"#.utf8))
    #expect(TaskEvent.answer(tasks: 4) == Array(#"{"pieces":[0,1,2],"last":3}"#.utf8))
  }

  @Test("An error has its name, and no more of its message than a history takes")
  func failure() {
    let failure = FunctionFailure(.neverDone, "\"" + String(repeating: "é", count: 5000))
    let text = String(decoding: failure.json, as: UTF8.self)
    #expect(text.hasPrefix(#"{"errorType":"NeverDone","errorMessage":"\"éé"#) && text.hasSuffix(#","stackTrace":[]}"#))
    #expect(text.count < 2100)
  }

  @Test("Amazon's trace header becomes a trace context, and what is none does not")
  func trace() {
    let text = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995C3F42CD8AD8;Sampled=1;Lineage=a:0"
    #expect(TraceHeader(text)?.traceParent == "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01")
    #expect(TraceHeader(text.replacing("Sampled=1", with: "Sampled=0"))?.isSampled == false)
    for wrong in [
      "", "Root=1-5759e988-bd862e3fe1be46a994272793", "Root=1-5759e988;Parent=53995c3f42cd8ad8",
      text.replacing("Root=1", with: "Root=2"), text.replacing("bd86", with: "xd86"),
      text.replacing("53995C3F42CD8AD8", with: "0000000000000000"), text.replacing("42CD8AD8", with: "42CD8AD8\r\n"),
    ] { #expect(TraceHeader(wrong) == nil, "\(wrong)") }
  }

  @Test(
    "Only HOST:PORT is where a runtime interface can be",
    arguments: ["", "host", ":1", "a:b:1", "h:0", "h:70000", "h/x:1", "u@h:1", "h :1"])
  func addresses(_ text: String) {
    #expect(throws: Fault.self) { try RuntimeInterface(text) }
  }
}
