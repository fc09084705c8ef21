//! Merging neighbouring tokens by rank.

use super::{TokenId, TokenizerError};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// Which two tokens merge, into which, and how early.
pub(super) struct Merges(HashMap<(TokenId, TokenId), (u32, TokenId)>);

/// Marks the end of the linked list of symbols.
const NONE: usize = usize::MAX;

impl Merges {
    /// From lines `left right` in order of rank.
    pub(super) fn new(lines: &[&str], by_text: &HashMap<&str, TokenId>) -> Result<Self, TokenizerError> {
        let mut merges = HashMap::with_capacity(lines.len());
        let mut joined = String::new();
        for (rank, line) in lines.iter().enumerate() {
            let merge = line.split_once(' ').and_then(|(left, right)| {
                joined.clear();
                joined.push_str(left);
                joined.push_str(right);
                let pair = (*by_text.get(left)?, *by_text.get(right)?);
                Some((pair, *by_text.get(joined.as_str())?))
            });
            let ((pair, result), place) =
                merge.zip(u32::try_from(rank).ok()).ok_or(TokenizerError::BadMerge { rank })?;
            merges.entry(pair).or_insert((place, result));
        }
        Ok(Self(merges))
    }

    /// Merges the symbols of one piece, lowest rank first and the leftmost of equals, and appends what is left.
    ///
    /// A heap over a linked list: n log n, so that one endless line stays cheap.
    pub(super) fn apply(&self, symbols: impl Iterator<Item = TokenId>, tokens: &mut Vec<TokenId>) {
        let mut list: Vec<Symbol> =
            symbols.map(|token| Symbol { token, before: NONE, after: NONE, gone: false }).collect();
        let n = list.len();
        for (i, symbol) in list.iter_mut().enumerate() {
            symbol.before = i.checked_sub(1).unwrap_or(NONE);
            symbol.after = if i + 1 < n { i + 1 } else { NONE };
        }
        let mut heap = BinaryHeap::new();
        for right in 1..n {
            self.consider(&list, right - 1, right, &mut heap);
        }
        while let Some(Reverse(c)) = heap.pop() {
            // A candidate is stale when either side has changed since it was put on the heap.
            if list[c.left].gone || list[c.left].token != c.pair.0 || list[c.left].after != c.right {
                continue;
            }
            if list[c.right].gone || list[c.right].token != c.pair.1 {
                continue;
            }
            let after = list[c.right].after;
            list[c.right].gone = true;
            list[c.left].token = c.result;
            list[c.left].after = after;
            if after != NONE {
                list[after].before = c.left;
                self.consider(&list, c.left, after, &mut heap);
            }
            let before = list[c.left].before;
            if before != NONE {
                self.consider(&list, before, c.left, &mut heap);
            }
        }
        tokens.extend(list.iter().filter(|s| !s.gone).map(|s| s.token));
    }

    fn consider(&self, list: &[Symbol], left: usize, right: usize, heap: &mut BinaryHeap<Reverse<Candidate>>) {
        let pair = (list[left].token, list[right].token);
        if let Some(&(rank, result)) = self.0.get(&pair) {
            heap.push(Reverse(Candidate { rank, left, right, pair, result }));
        }
    }
}

struct Symbol {
    token: TokenId,
    before: usize,
    after: usize,
    gone: bool,
}

/// Ordered by rank, then by place: the derived order is the order of merging.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    rank: u32,
    left: usize,
    right: usize,
    pair: (TokenId, TokenId),
    result: TokenId,
}
