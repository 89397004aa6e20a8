import Foundation
import TestKit
import Testing

struct JobKillTests {
  @Test(
    "A worker and a server that are killed while a job runs change nothing of what it gives", .timeLimit(.minutes(20)))
  func killed() {
    // What 'make soak-jobs' does fifty times, with longer films and some that are cut.
    let script = Checkout.path + "/bench/soak-jobs"
    let words = ["--kills", "1", "--films", "2", "--seconds", "4", "--models", Program.models]
    let result = shell(["/usr/bin/python3", script, Program.path] + words)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("1 workers and 1 servers killed"), "\(result.output)")
  }
}
