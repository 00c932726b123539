global using Pss.Tests;
global using Xunit;
