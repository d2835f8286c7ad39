// Each test has processes of its own that want all of the machine: beside each other they would find it slower than anybody promised.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
