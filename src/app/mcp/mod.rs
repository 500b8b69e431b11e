//! `fractary mcp`: the commands as tools of an assistant, over the Model Context Protocol.
//!
//! A call is a run of this very program with the arguments of the call, and its answer is the
//! document that this run prints. What may be called is in the list of commands; that no call
//! changes anything is checked on the command line that was made for it (`arguments`).

mod answer;
mod arguments;
mod call;
mod input;
mod offered;
mod output_schema;
mod schema;
mod server;

pub(crate) use server::serve;

#[cfg(test)]
mod tests;
