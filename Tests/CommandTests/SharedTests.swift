import Foundation
import TestKit
import Testing

struct SharedTests {
  @Test(
    "A library that is copied to PostgreSQL and S3, and from there to a folder, is the same", .timeLimit(.minutes(20)))
  func copied() {
    // A hundredth of what bench/check-copy does.
    let result = shell(["/usr/bin/python3", Checkout.path + "/bench/check-copy", Program.path, "--assets", "10"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    if result.output.contains("skipped") { return print(result.output) }
    #expect(result.output.contains("totals and keys are equal"), "\(result.output)")
  }

  @Test(
    "PostgreSQL, Redis, an S3 server, the server and a worker that are killed, and a host that is cut off, change nothing of what a job gives",
    .timeLimit(.minutes(20)))
  func killed() {
    // What 'make soak-shared' does fifty times.
    let script = Checkout.path + "/bench/soak-shared"
    let words = ["--kills", "1", "--films", "2", "--seconds", "4", "--models", Program.models]
    let result = shell(["/usr/bin/python3", script, Program.path] + words)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    if result.output.contains("skipped") { return print(result.output) }
    #expect(result.output.contains("every analysis has the bytes of the undisturbed one"), "\(result.output)")
  }
}
